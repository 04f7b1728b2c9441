using System.Numerics.Tensors;

namespace SearchEngine.Training;

/// <summary>
/// Means of table rows over the tokens of texts, and the gradient of that: the pooling of a decoder whose layers add nothing yet. Written
/// over plain
/// arrays because the gather of half a million rows is bound by memory and needs no autograd. Thread-safe.
/// </summary>
internal static class BagOfTokens
{
    /// <summary>pooled[i] = mean over the tokens of texts[i] of the table's rows; an empty text gives zeros.</summary>
    /// <param name="table">(vocabulary, d) row-major.</param>
    /// <param name="d">Elements of a row.</param>
    /// <param name="texts">Token ids of each text.</param>
    /// <param name="pooled">(texts, d) row-major, overwritten.</param>
    public static void Pool(float[] table, int d, IReadOnlyList<int[]> texts, float[] pooled) =>
        Parallel.For(
            0,
            texts.Count,
            i =>
            {
                var sum = pooled.AsSpan(i * d, d);
                sum.Clear();
                var ids = texts[i];
                foreach (var id in ids)
                    TensorPrimitives.Add(sum, table.AsSpan(id * d, d), sum);
                if (ids.Length > 1)
                    TensorPrimitives.Multiply(sum, 1f / ids.Length, sum);
            }
        );

    /// <summary>tableGradient[t] = Σ over occurrences of t in texts[i] of gradient[i] / length of texts[i].</summary>
    /// <param name="texts">Token ids of each text.</param>
    /// <param name="d">Elements of a row.</param>
    /// <param name="gradient">(texts, d) row-major; scaled in place by the lengths.</param>
    /// <param name="tableGradient">(vocabulary, d) row-major, overwritten.</param>
    public static void Backward(IReadOnlyList<int[]> texts, int d, float[] gradient, float[] tableGradient)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i].Length > 1)
                TensorPrimitives.Multiply(gradient.AsSpan(i * d, d), 1f / texts[i].Length, gradient.AsSpan(i * d, d));
        }

        Array.Clear(tableGradient);
        // Rows are dealt out to threads, so that no two write the same row and sums keep one order.
        var threads = Environment.ProcessorCount;
        Parallel.For(
            0,
            threads,
            t =>
            {
                for (var i = 0; i < texts.Count; i++)
                {
                    var from = gradient.AsSpan(i * d, d);
                    foreach (var id in texts[i])
                    {
                        if (id % threads == t)
                        {
                            var row = tableGradient.AsSpan(id * d, d);
                            TensorPrimitives.Add(row, from, row);
                        }
                    }
                }
            }
        );
    }
}
