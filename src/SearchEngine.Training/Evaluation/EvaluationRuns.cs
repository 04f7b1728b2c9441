using System.Numerics.Tensors;
using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Evaluation;

/// <summary>
/// The evaluations over any embedder. Scores are fractions. Results do not depend on the order in which files list things beyond ties,
/// which are broken by
/// id.
/// </summary>
public static class EvaluationRuns
{
    /// <summary>Hits ranked per query: what recall@100 needs.</summary>
    private const int Depth = 100;

    /// <summary>Exact retrieval by cosine: title and text of each document as one text, every query of the split.</summary>
    /// <exception cref="TrainingException">The embedder gave vectors of different lengths or none.</exception>
    public static async Task<RetrievalScores> RetrievalAsync(
        BeirDataset data,
        TextEmbedder embed,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(embed);
        var documents = Normalise(await embed([.. data.Corpus.Select(d => d.FullText)], false, cancellationToken).ConfigureAwait(false));
        var queries = Normalise(await embed([.. data.Queries.Select(q => q.Text)], true, cancellationToken).ConfigureAwait(false));
        var rankings = new IReadOnlyList<string>[queries.Length];
        Parallel.For(
            0,
            queries.Length,
            new ParallelOptions { CancellationToken = cancellationToken },
            q =>
            {
                var scores = new float[documents.Length];
                for (var d = 0; d < documents.Length; d++)
                    scores[d] = TensorPrimitives.Dot<float>(queries[q], documents[d]);
                rankings[q] =
                [
                    .. Enumerable
                        .Range(0, documents.Length)
                        .OrderByDescending(d => scores[d])
                        .ThenBy(d => data.Corpus[d].Id, StringComparer.Ordinal)
                        .Take(Depth)
                        .Select(d => data.Corpus[d].Id),
                ];
            }
        );
        return RetrievalMetrics.Score(
            data.Queries.Select((q, i) => (q.Id, rankings[i])).ToDictionary(r => r.Id, r => r.Item2),
            data.Judgements
        );
    }

    /// <summary>Semantic textual similarity: Spearman's correlation of cosines with the scores people gave.</summary>
    public static async Task<double> StsAsync(
        IReadOnlyList<ScoredPair> pairs,
        TextEmbedder embed,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(pairs);
        ArgumentNullException.ThrowIfNull(embed);
        var first = Normalise(await embed([.. pairs.Select(p => p.First)], false, cancellationToken).ConfigureAwait(false));
        var second = Normalise(await embed([.. pairs.Select(p => p.Second)], false, cancellationToken).ConfigureAwait(false));
        var cosines = new double[pairs.Count];
        for (var i = 0; i < cosines.Length; i++)
            cosines[i] = TensorPrimitives.Dot<float>(first[i], second[i]);
        var correlation = RankCorrelation.Spearman(cosines, [.. pairs.Select(p => p.Score)]);
        return double.IsFinite(correlation)
            ? correlation
            : throw new TrainingException(
                "The embedder finds all pairs equally alike, or people do: there is no order to correlate. Check the model and the file."
            );
    }

    /// <summary>Accuracy of a logistic regression trained on the first set's frozen vectors and applied to the second's.</summary>
    public static async Task<double> ClassificationAsync(
        IReadOnlyList<LabelledText> train,
        IReadOnlyList<LabelledText> test,
        TextEmbedder embed,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(embed);
        var classes = train.Select(t => t.Label).Distinct().Order(StringComparer.Ordinal).ToList();
        if (classes.Count < 2)
            throw new TrainingException("The training set of the classification has fewer than two classes.");
        var trainVectors = Normalise(await embed([.. train.Select(t => t.Text)], false, cancellationToken).ConfigureAwait(false));
        var testVectors = Normalise(await embed([.. test.Select(t => t.Text)], false, cancellationToken).ConfigureAwait(false));
        return LinearProbe.Accuracy(
            [.. trainVectors.SelectMany(v => v)],
            [.. train.Select(t => classes.IndexOf(t.Label))],
            [.. testVectors.SelectMany(v => v)],
            [.. test.Select(t => classes.IndexOf(t.Label))],
            trainVectors[0].Length,
            classes.Count
        );
    }

    /// <summary>
    /// Accuracy of a linear probe on frozen token states that tells each word's part of speech; a word's state is the mean of its
    /// subwords'.
    /// </summary>
    /// <param name="modelFolder">The model.</param>
    /// <param name="train">Sentences to train the probe on.</param>
    /// <param name="test">Sentences to score.</param>
    /// <param name="causal">Attention: true for the base decoder's, false for LLM2Vec's.</param>
    /// <param name="previousPosition">
    /// Represent the token at i by the state at i − 1, where MNTP was trained to predict it; the first token keeps its own.
    /// </param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="TrainingException">The model or the data cannot be used.</exception>
    public static double Word(
        string modelFolder,
        IReadOnlyList<IReadOnlyList<TaggedWord>> train,
        IReadOnlyList<IReadOnlyList<TaggedWord>> test,
        bool causal = false,
        bool previousPosition = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFolder);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        TorchRuntime.EnsureLoaded();
        var tokenizer = TrainingTokenizer.Load(modelFolder);
        using var model = CheckpointLoader.Load(modelFolder, CPU, ScalarType.Float32, withHead: false);
        model.eval();
        var tags = train.SelectMany(s => s).Select(w => w.Tag).Distinct().Order(StringComparer.Ordinal).ToList();
        var (trainStates, trainLabels) = States(model, tokenizer, train, tags, causal, previousPosition, cancellationToken);
        var (testStates, testLabels) = States(model, tokenizer, test, tags, causal, previousPosition, cancellationToken);
        return LinearProbe.Accuracy(
            trainStates,
            trainLabels,
            testStates,
            testLabels,
            model.Config.HiddenSize,
            tags.Count,
            epochs: 8,
            penalty: 0.001
        );
    }

    private static (float[] States, int[] Labels) States(
        DecoderModel model,
        TrainingTokenizer tokenizer,
        IReadOnlyList<IReadOnlyList<TaggedWord>> sentences,
        List<string> tags,
        bool causal,
        bool previousPosition,
        CancellationToken cancellationToken
    )
    {
        const int SentencesAtOnce = 32;
        const int MaximumTokens = 512;
        using var guard = no_grad();
        var width = model.Config.HiddenSize;
        var states = new List<float>();
        var labels = new List<int>();
        // Sentences of one length lie side by side, so that attention takes them at once.
        var chunks = sentences
            .Select(s => (Words: s, Pieces: s.Select(w => tokenizer.Encode(w.Form)).ToArray()))
            .Select(s => (s.Words, s.Pieces, Length: s.Pieces.Sum(w => w.Count)))
            .Where(s => s.Length is > 0 and <= MaximumTokens)
            .OrderBy(s => s.Length)
            .Chunk(SentencesAtOnce);
        foreach (var chunk in chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var layout = SequenceLayout.Packed([.. chunk.Select(s => s.Length)]);
            var hidden = model
                .Forward(tensor(chunk.SelectMany(s => s.Pieces).SelectMany(w => w).Select(id => (long)id).ToArray()), layout, causal)
                .data<float>()
                .ToArray();
            var start = 0;
            foreach (var sentence in chunk)
            {
                var position = start;
                for (var w = 0; w < sentence.Pieces.Length; w++)
                {
                    var pieces = sentence.Pieces[w].Count;
                    if (pieces == 0)
                        continue;
                    var state = new float[width];
                    for (var p = 0; p < pieces; p++)
                    {
                        var at = previousPosition ? Math.Max(start, position + p - 1) : position + p;
                        TensorPrimitives.Add<float>(state, hidden.AsSpan(at * width, width), state);
                    }

                    TensorPrimitives.Divide<float>(state, pieces, state);
                    states.AddRange(state);
                    labels.Add(tags.IndexOf(sentence.Words[w].Tag));
                    position += pieces;
                }

                start = position;
            }
        }

        return ([.. states], [.. labels]);
    }

    private static float[][] Normalise(IReadOnlyList<ReadOnlyMemory<float>> vectors)
    {
        if (vectors.Count == 0 || vectors[0].Length == 0 || vectors.Any(v => v.Length != vectors[0].Length))
            throw new TrainingException("The embedder gave no vectors, or vectors of different lengths.");
        return
        [
            .. vectors.Select(
                (v, i) =>
                {
                    var copy = v.ToArray();
                    if (!copy.All(float.IsFinite))
                    {
                        throw new TrainingException(
                            $"The embedder gave text {i + 1} of {vectors.Count} a vector that is not finite. Its weights are damaged, or overflow in its data type."
                        );
                    }
                    var norm = TensorPrimitives.Norm<float>(copy);
                    if (norm > 0)
                        TensorPrimitives.Divide<float>(copy, norm, copy);
                    return copy;
                }
            ),
        ];
    }
}
