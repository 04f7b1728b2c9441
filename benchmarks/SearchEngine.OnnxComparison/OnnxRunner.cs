using Microsoft.ML.OnnxRuntime;

namespace SearchEngine.OnnxComparison;

/// <summary>
/// all-MiniLM in ONNX Runtime on one thread, with every graph optimisation on; mean pooling outside, as its wrapper does it.
/// </summary>
internal sealed class OnnxRunner(byte[] model, int batchTokens) : IDisposable
{
    private readonly InferenceSession _session = new(
        model,
        new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        }
    );

    /// <summary>Mean vectors of the texts. Texts are sorted by length, so that little is padded.</summary>
    public float[][] Embed(int[][] texts)
    {
        int[] order = [.. Enumerable.Range(0, texts.Length).OrderByDescending(i => texts[i].Length)];
        var vectors = new float[texts.Length][];
        for (var start = 0; start < order.Length; )
        {
            var longest = texts[order[start]].Length;
            var count = Math.Min(order.Length - start, Math.Max(1, batchTokens / longest));
            Batch(texts, order.AsSpan(start, count), longest, vectors);
            start += count;
        }
        return vectors;
    }

    private void Batch(int[][] texts, ReadOnlySpan<int> rows, int longest, float[][] vectors)
    {
        long[] ids = new long[rows.Length * longest],
            mask = new long[ids.Length],
            types = new long[ids.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var text = texts[rows[i]];
            for (var t = 0; t < text.Length; t++)
            {
                ids[i * longest + t] = text[t];
                mask[i * longest + t] = 1;
            }
        }
        long[] shape = [rows.Length, longest];
        using OrtValue idValue = OrtValue.CreateTensorValueFromMemory(ids, shape),
            maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape),
            typeValue = OrtValue.CreateTensorValueFromMemory(types, shape);
        Dictionary<string, OrtValue> inputs = new()
        {
            ["input_ids"] = idValue,
            ["attention_mask"] = maskValue,
            ["token_type_ids"] = typeValue,
        };
        using RunOptions options = new();
        using var outputs = _session.Run(options, inputs, [_session.OutputNames[0]]);
        var hidden = outputs[0].GetTensorDataAsSpan<float>();
        var size = hidden.Length / ids.Length;
        for (var i = 0; i < rows.Length; i++)
        {
            var vector = vectors[rows[i]] = new float[size];
            var length = texts[rows[i]].Length;
            for (var t = 0; t < length; t++)
            {
                var state = hidden.Slice((i * longest + t) * size, size);
                for (var d = 0; d < size; d++)
                    vector[d] += state[d] / length;
            }
        }
    }

    public void Dispose() => _session.Dispose();
}
