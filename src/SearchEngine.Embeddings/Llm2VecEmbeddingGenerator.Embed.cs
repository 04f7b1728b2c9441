using System.Numerics.Tensors;

namespace SearchEngine.Embeddings;

public sealed partial class Llm2VecEmbeddingGenerator
{
    /// <summary>
    /// Texts that are tokenised while the ones before them are computed; also the window in which texts are sorted by length.
    /// </summary>
    private const int TextsPerWindow = 4096;

    /// <summary>
    /// The first window is smaller, so that computing begins soon; each is twice the one before, up to <see cref="TextsPerWindow"/>.
    /// </summary>
    private const int TextsOfFirstWindow = 512;

    /// <summary>Windows handed to the encoders at once: with two, no encoder runs dry at the end of one.</summary>
    private const int WindowsInFlight = 2;

    /// <summary>Below this many texts tokenising on several threads costs more than it saves.</summary>
    private const int ParallelTokenizing = 64;

    /// <summary>Embeds texts.</summary>
    /// <param name="texts">Any length; the empty text is legal.</param>
    /// <param name="role">Chooses the prompt put in front.</param>
    /// <param name="instruction">Joined in front with a space instead of the role's prompt; empty for neither, null for the prompt.</param>
    /// <param name="dimensions">Keep this many first elements; null for <see cref="Dimension"/>.</param>
    /// <param name="progress">Told the number of texts done so far.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>One vector for each text, in order.</returns>
    /// <exception cref="ArgumentException">A text is null or holds a token that the model has no embedding for, or the instruction leaves
    /// no room for text.</exception>
    /// <exception cref="NonFiniteVectorException">The model's numbers are not finite for some texts, which it names.</exception>
    public async Task<float[][]> EmbedAsync(
        IReadOnlyList<string> texts,
        EmbeddingRole role = EmbeddingRole.Document,
        string? instruction = null,
        int? dimensions = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(texts);
        return (await EmbedCoreAsync(texts, role, instruction, dimensions, progress, cancellationToken).ConfigureAwait(false)).Vectors;
    }

    /// <summary>
    /// Embeds token ids as they are: nothing is added, all tokens are pooled, and what is beyond <see cref="MaxLength"/> is cut.
    /// </summary>
    /// <param name="sequences">Ids of each text, at least one.</param>
    /// <param name="dimensions">Keep this many first elements; null for <see cref="Dimension"/>.</param>
    /// <param name="progress">Told the number of texts done so far.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>One vector for each sequence, in order.</returns>
    /// <exception cref="ArgumentException">A sequence is empty or holds an id outside the vocabulary.</exception>
    public async Task<float[][]> EmbedTokensAsync(
        IReadOnlyList<int[]> sequences,
        int? dimensions = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var length = CheckDimensions(dimensions);
        var inputs = new EncoderInput[sequences.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            var ids = sequences[i] ?? throw new ArgumentException($"Token sequence {i} is null.", nameof(sequences));
            if (ids.Length == 0)
                throw new ArgumentException($"Token sequence {i} is empty; at least one token is needed.", nameof(sequences));
            if (Array.FindIndex(ids, id => (uint)id >= (uint)_vocabularySize) is int wrong and >= 0)
            {
                throw new ArgumentException(
                    $"Token {ids[wrong]} of sequence {i} is outside the vocabulary of {_vocabularySize}.",
                    nameof(sequences)
                );
            }
            var kept = ids.Length <= MaxLength ? ids : ids[..MaxLength];
            inputs[i] = new EncoderInput(kept, 0, kept.Length);
        }
        var pooled = await _scheduler.EncodeAsync(inputs, progress, cancellationToken).ConfigureAwait(false);
        return Finish(pooled, length);
    }

    private float[][] Finish(float[][] pooled, int dimensions)
    {
        var vectors = Array.ConvertAll(pooled, vector => Finish(vector, dimensions));
        RefuseNonFinite(vectors);
        return vectors;
    }

    /// <summary>A vector that is not a number would be stored and found by nothing, or by everything.</summary>
    private void RefuseNonFinite(float[][] vectors)
    {
        int[] wrong = [.. Enumerable.Range(0, vectors.Length).Where(i => !TensorPrimitives.IsFiniteAll(vectors[i]))];
        if (wrong.Length > 0)
            throw new NonFiniteVectorException(wrong, vectors.Length, ModelId);
    }

    private int CheckDimensions(int? wanted) =>
        wanted is null ? Dimension : CheckDimensions(wanted, _dense.Length > 0 ? _dense[^1].Outputs : _hiddenSize);

    private async Task<(float[][] Vectors, long Tokens)> EmbedCoreAsync(
        IReadOnlyList<string> texts,
        EmbeddingRole role,
        string? instruction,
        int? dimensions,
        IProgress<int>? progress,
        CancellationToken cancellationToken
    )
    {
        var length = CheckDimensions(dimensions);
        var prefix =
            instruction is null ? (role == EmbeddingRole.Query ? _queryPrompt : _documentPrompt)
            : instruction.Trim() is { Length: > 0 } given ? given + " "
            : "";
        prefix = _folder.TextBefore + prefix;
        var vectors = new float[texts.Count][];
        long tokens = 0;
        var total = progress is null ? null : new WindowProgress(progress);
        Queue<(int Start, Task<float[][]> Vectors)> running = new();
        try
        {
            for (
                int start = 0, count, window = TextsOfFirstWindow;
                start < texts.Count;
                start += count, window = Math.Min(2 * window, TextsPerWindow)
            )
            {
                // The windows before this one are being computed while this one is tokenised.
                count = Math.Min(window, texts.Count - start);
                var inputs = Tokenize(texts, start, count, prefix, cancellationToken);
                foreach (var input in inputs)
                    tokens += input.Ids.Length;
                running.Enqueue((start, _scheduler.EncodeAsync(inputs, total?.ForWindow(), cancellationToken)));
                if (running.Count > WindowsInFlight)
                    await CollectAsync().ConfigureAwait(false);
            }
            while (running.Count > 0)
                await CollectAsync().ConfigureAwait(false);
        }
        catch
        {
            foreach ((_, var rest) in running)
                await ((Task)rest).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        RefuseNonFinite(vectors);
        return (vectors, tokens);

        async Task CollectAsync()
        {
            (var start, var task) = running.Dequeue();
            var pooled = await task.ConfigureAwait(false);
            for (var i = 0; i < pooled.Length; i++)
                vectors[start + i] = Finish(pooled[i], length);
        }
    }

    private EncoderInput[] Tokenize(IReadOnlyList<string> texts, int start, int count, string prefix, CancellationToken cancellationToken)
    {
        var inputs = new EncoderInput[count];
        var tokenizer = Tokenizer;
        var limit = MaxLength;
        if (_folder.DocumentMaxLength is int textLimit)
            limit = Math.Min(limit, checked(tokenizer.Template.Length + tokenizer.CountTokens(prefix) + textLimit));
        for (var i = 0; i < count; i++)
        {
            if (texts[start + i] is null)
                throw new ArgumentException($"Text {start + i} is null.", nameof(texts));
        }
        if (count < ParallelTokenizing)
        {
            for (var i = 0; i < count; i++)
                inputs[i] = ToInput(tokenizer, prefix, texts[start + i], start + i, limit);
        }
        else
        {
            try
            {
                Parallel.For(
                    0,
                    count,
                    new ParallelOptions { CancellationToken = cancellationToken },
                    i => inputs[i] = ToInput(tokenizer, prefix, texts[start + i], start + i, limit)
                );
            }
            catch (AggregateException e) when (e.InnerExceptions[0] is ArgumentException inner)
            {
                throw new ArgumentException(inner.Message, inner);
            }
        }
        return inputs;
    }

    private EncoderInput ToInput(TextTokenizer tokenizer, string prefix, string text, int index, int limit)
    {
        if (_folder.TextBehind.Length > 0)
            text = text.Trim() + _folder.TextBehind;
        var tokenized = prefix.Length == 0 ? tokenizer.Encode(text, limit) : tokenizer.Encode(prefix, text, limit);
        var ids = tokenized.Ids;
        if (tokenizer.VocabularySize > _vocabularySize && Array.FindIndex(ids, id => id >= _vocabularySize) is int at and >= 0)
        {
            throw new ArgumentException(
                $"Text {index} holds the token '{tokenizer.TokenText(ids[at])}' ({ids[at]}), for which the model has no embedding: it has {_vocabularySize}.",
                nameof(text)
            );
        }
        if (ids.Length == 0)
        {
            // An empty text and no template: one neutral token stands for it, since nothing has no vector.
            return new EncoderInput([tokenizer.EosId ?? tokenizer.PadId ?? tokenizer.BosId ?? 0], 0, 1);
        }
        if (!_skipInstruction || tokenized.TextStart >= tokenized.TextEnd)
            return new EncoderInput(ids, 0, ids.Length);

        // sentence-transformers keeps what the template puts behind the text; LLM2Vec pools the text alone.
        return new EncoderInput(ids, tokenized.TextStart, _folder.IsSentenceTransformers ? ids.Length : tokenized.TextEnd);
    }
}
