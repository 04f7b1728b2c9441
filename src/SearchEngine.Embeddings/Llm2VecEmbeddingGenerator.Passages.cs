using System.Numerics.Tensors;

namespace SearchEngine.Embeddings;

public sealed partial class Llm2VecEmbeddingGenerator
{
    /// <summary>Whether the model pools by the mean, as <see cref="EmbedPassagesAsync"/> needs it.</summary>
    public bool CanEmbedPassages => _pooling == PoolingMode.Mean;

    /// <summary>
    /// Embeds the passages of one text in their context (late chunking, Günther et al. 2024): the model reads the text as a whole, and the
    /// vector of a passage is the mean of its own tokens' states. A text longer than <see cref="MaxLength"/> is read in windows of whole
    /// passages, each beginning with the last tokens of the one before it where there is room.
    /// </summary>
    /// <param name="passages">The text's passages in order; each is tokenised by itself, and one longer than a window is cut at its end.</param>
    /// <param name="context">What is read in front of every window and not pooled, a title for instance; empty for nothing.</param>
    /// <param name="dimensions">Keep this many first elements; null for <see cref="Dimension"/>.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>One vector for each passage, in order.</returns>
    /// <exception cref="NotSupportedException">The model does not pool by the mean, so that a part's states have no vector.</exception>
    /// <exception cref="ArgumentException">A passage is null or holds a token that the model has no embedding for, or the context leaves no
    /// room for text.</exception>
    /// <exception cref="NonFiniteVectorException">The model's numbers are not finite for some passages, which it names.</exception>
    public async Task<float[][]> EmbedPassagesAsync(
        IReadOnlyList<string> passages,
        string context = "",
        int? dimensions = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(passages);
        ArgumentNullException.ThrowIfNull(context);
        if (!CanEmbedPassages)
        {
            throw new NotSupportedException(
                $"{ModelId} pools by {_pooling}, and passages have vectors of their own only where the mean is taken: embed each as a text, or choose a model that pools by the mean."
            );
        }
        var length = CheckDimensions(dimensions);
        PassageWindow[] windows = [.. WindowsOf(passages, context)];
        var inputs = Array.ConvertAll(
            windows,
            window => new EncoderInput(window.Ids, window.Spans[0].Start, window.Spans[^1].End) { KeepsStates = true }
        );
        (var states, var width) = await StatesOfAsync(inputs, cancellationToken).ConfigureAwait(false);
        var vectors = new float[passages.Count][];
        for (var w = 0; w < windows.Length; w++)
        {
            for (var i = 0; i < windows[w].Spans.Count; i++)
            {
                (var start, var end) = windows[w].Spans[i];
                var from = (start - windows[w].Spans[0].Start) * width;
                vectors[windows[w].First + i] = Finish(MeanOf(states[w].AsSpan(from, (end - start) * width), width), length);
            }
        }
        RefuseNonFinite(vectors);
        return vectors;
    }

    private IEnumerable<PassageWindow> WindowsOf(IReadOnlyList<string> passages, string context)
    {
        var tokenizer = Tokenizer;
        var tokens = new IReadOnlyList<int>[passages.Count];
        for (var i = 0; i < tokens.Length; i++)
        {
            var text = passages[i] ?? throw new ArgumentException($"Passage {i} is null.", nameof(passages));
            tokens[i] = tokenizer.EncodeOrdinary(text);
            // An empty passage: one neutral token stands for it, since nothing has no mean.
            if (tokens[i].Count == 0)
                tokens[i] = [tokenizer.EosId ?? tokenizer.PadId ?? tokenizer.BosId ?? 0];
            RefuseUnknown(tokenizer, tokens[i], $"Passage {i}", nameof(passages));
        }
        var front = tokenizer.EncodeOrdinary(_folder.TextBefore + _documentPrompt + context);
        RefuseUnknown(tokenizer, front, "The context", nameof(context));
        int[] before = [.. tokenizer.Template.Before, .. front];
        int[] after = [.. tokenizer.EncodeOrdinary(_folder.TextBehind), .. tokenizer.Template.After];
        if (before.Length + after.Length >= MaxLength)
        {
            throw new ArgumentException(
                $"The prompt and the context have {front.Count} tokens, which leaves no room for the text within a maximum of {MaxLength} tokens.",
                nameof(context)
            );
        }
        return PassageWindows.Of(tokens, before, after, MaxLength);
    }

    private void RefuseUnknown(TextTokenizer tokenizer, IReadOnlyList<int> ids, string what, string parameter)
    {
        foreach (var id in ids)
        {
            if (id >= _vocabularySize)
            {
                throw new ArgumentException(
                    $"{what} holds the token '{tokenizer.TokenText(id)}' ({id}), for which the model has no embedding: it has {_vocabularySize}.",
                    parameter
                );
            }
        }
    }

    private static float[] MeanOf(ReadOnlySpan<float> states, int width)
    {
        var mean = new float[width];
        for (var t = 0; t < states.Length; t += width)
            TensorPrimitives.Add(mean, states.Slice(t, width), mean);
        TensorPrimitives.Divide(mean, states.Length / width, mean);
        return mean;
    }
}
