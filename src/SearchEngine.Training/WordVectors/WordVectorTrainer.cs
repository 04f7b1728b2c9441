using System.Runtime.InteropServices;
using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>Vectors and frequencies of all tokens.</summary>
/// <param name="Dimensions">Elements of a vector.</param>
/// <param name="Vectors">Row-major, vocabulary × dimensions; a token that never occurred has a zero row.</param>
/// <param name="Frequencies">Share of each token in the text.</param>
internal sealed record WordVectors(int Dimensions, float[] Vectors, double[] Frequencies);

/// <summary>
/// Word vectors from counts: positive pointwise mutual information of tokens within a window, with smoothed contexts, factorised by a
/// randomised SVD
/// (Levy, Goldberg and Dagan 2015; Halko, Martinsson and Tropp 2011). Minutes of one core for 40 million tokens.
/// </summary>
internal static class WordVectorTrainer
{
    /// <summary>Tokens to each side that count as context, weighted linearly down with distance.</summary>
    private const int Window = 10;

    /// <summary>Only so many of the most frequent tokens are contexts (columns): bounds memory to vocabulary × this × 4 bytes.</summary>
    private const int MaximumContexts = 8192;

    /// <summary>Exponent on context counts; below 1 it keeps rare contexts from dominating.</summary>
    private const double ContextSmoothing = 0.75;

    /// <summary>Exponent on singular values; ½ is best on similarity tests in Levy et al.</summary>
    private const double SingularValueExponent = 0.5;

    private const int Oversampling = 32;
    private const int PowerIterations = 2;

    public static WordVectors Train(
        IReadOnlyList<TokenizedCorpus> corpora,
        int vocabulary,
        int dimensions,
        long seed,
        IProgress<string>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        TorchRuntime.EnsureLoaded();
        var counts = new long[vocabulary];
        foreach (var sentence in corpora.SelectMany(c => c.Sentences))
        {
            foreach (var id in sentence)
                counts[id]++;
        }

        double total = counts.Sum();
        if (total == 0)
            throw new TrainingException("The data hold no token to learn word vectors from.");
        var contexts = Enumerable
            .Range(0, vocabulary)
            .Where(id => counts[id] > 0)
            .OrderByDescending(id => counts[id])
            .ThenBy(id => id)
            .Take(MaximumContexts)
            .ToArray();
        var columnOf = new int[vocabulary];
        Array.Fill(columnOf, -1);
        for (var i = 0; i < contexts.Length; i++)
            columnOf[contexts[i]] = i;

        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var matrix = zeros(vocabulary, contexts.Length);
        progress?.Report($"counting {total / 1e6:F1} M tokens against {contexts.Length} contexts");
        var threads = Math.Max(1, Environment.ProcessorCount);
        Parallel.For(0, threads, t => Count(corpora, matrix, columnOf, contexts.Length, t, threads, cancellationToken));
        ToPositiveMutualInformation(matrix);

        progress?.Report($"factorising {vocabulary} × {contexts.Length} into {dimensions} dimensions");
        var vectors = Factorise(matrix, Math.Min(dimensions, contexts.Length), seed);
        if (vectors.shape[1] < dimensions)
            vectors = nn.functional.pad(vectors, [0, dimensions - vectors.shape[1]]);
        return new WordVectors(dimensions, vectors.contiguous().data<float>().ToArray(), [.. counts.Select(c => c / total)]);
    }

    /// <summary>
    /// Counts the targets that fall to one thread; every row belongs to one thread, so the sums do not depend on their number.
    /// </summary>
    private static void Count(
        IReadOnlyList<TokenizedCorpus> corpora,
        Tensor matrix,
        int[] columnOf,
        int columns,
        int thread,
        int threads,
        CancellationToken cancellationToken
    )
    {
        var cells = MemoryMarshal.Cast<byte, float>(matrix.bytes);
        var tokens = new List<int>();
        foreach (var corpus in corpora)
        {
            for (var d = 0; d < corpus.Documents.Count; d++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var document = corpus.Documents[d];
                tokens.Clear();
                if (document.Title >= 0)
                    tokens.AddRange(corpus.Sentences[document.Title]);
                if (document.Description >= 0)
                    tokens.AddRange(corpus.Sentences[document.Description]);
                for (var p = document.FirstPassage; p < document.FirstPassage + document.PassageCount; p++)
                {
                    var passage = corpus.Passages[p];
                    for (var s = 0; s < passage.SentenceCount; s++)
                        tokens.AddRange(corpus.Sentences[passage.FirstSentence + s]);
                }

                for (var i = 0; i < tokens.Count; i++)
                {
                    var target = tokens[i];
                    if (target % threads != thread)
                        continue;
                    var row = cells.Slice(target * columns, columns);
                    var end = Math.Min(tokens.Count - 1, i + Window);
                    for (var j = Math.Max(0, i - Window); j <= end; j++)
                    {
                        var column = columnOf[tokens[j]];
                        if (j != i && column >= 0)
                            row[column] += (Window + 1 - Math.Abs(i - j)) / (float)Window;
                    }
                }
            }
        }
    }

    private static void ToPositiveMutualInformation(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var rows = matrix.sum(1, keepdim: true);
        var columns = matrix.sum(0, keepdim: true).pow(ContextSmoothing);
        columns = columns / columns.sum();
        matrix.div_(rows.clamp_min(1e-6)).div_(columns.clamp_min(1e-12)).clamp_min_(1).log_();
    }

    private static Tensor Factorise(Tensor matrix, int dimensions, long seed)
    {
        using var generator = new Generator((ulong)seed);
        var rank = Math.Min(dimensions + Oversampling, matrix.shape.Min());
        var probe = randn([matrix.shape[1], rank], generator: generator);
        var range = linalg.qr(matrix.mm(probe)).Q;
        for (var i = 0; i < PowerIterations; i++)
        {
            var transposed = linalg.qr(matrix.t().mm(range)).Q;
            range = linalg.qr(matrix.mm(transposed)).Q;
        }

        var projected = range.t().mm(matrix);
        var (values, basis) = linalg.eigh(projected.mm(projected.t()));
        var order = arange(rank - 1, rank - 1 - dimensions, -1, dtype: ScalarType.Int64);
        var singular = values.index_select(0, order).clamp_min(0).sqrt();
        return range.mm(basis.index_select(1, order)) * singular.pow(SingularValueExponent);
    }
}
