using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace SearchEngine;

/// <summary>
/// A second embedding model as a reranker: larger than the one that a collection is indexed by, it embeds the query and the best candidates
/// and gives the cosine of each. Vectors of passages are kept (the last some thousands), so that what is often found is embedded once.
/// Thread-safe; the generators stay their owner's.
/// </summary>
/// <param name="name">What people read.</param>
/// <param name="documents">Embeds passages.</param>
/// <param name="queries">Embeds queries; null where the model takes both alike.</param>
/// <param name="weight">As <see cref="IReranker.Weight"/>.</param>
public sealed class EmbeddingReranker(
    string name,
    IEmbeddingGenerator<string, Embedding<float>> documents,
    IEmbeddingGenerator<string, Embedding<float>>? queries = null,
    double weight = EmbeddingReranker.MeasuredWeight
) : IReranker
{
    /// <summary>
    /// The best of the tenths for all-MiniLM-L6-v2 beside the shipped model, on 1,200 training questions of MedQuAD (docs/search.md): two
    /// embedders know much the same, and the words know what neither does.
    /// </summary>
    public const double MeasuredWeight = 0.2;

    /// <summary>Vectors kept at most, in two halves: when one is full, the older goes.</summary>
    private const int Kept = 8192;

    private readonly IEmbeddingGenerator<string, Embedding<float>> _documents =
        documents ?? throw new ArgumentNullException(nameof(documents));

    private readonly Lock _lock = new();
    private Dictionary<string, ReadOnlyMemory<float>> _recent = new(StringComparer.Ordinal);
    private Dictionary<string, ReadOnlyMemory<float>> _older = new(StringComparer.Ordinal);

    /// <inheritdoc />
    public string Name { get; } = name ?? throw new ArgumentNullException(nameof(name));

    /// <inheritdoc />
    public double Weight => weight;

    /// <inheritdoc />
    public async Task<IReadOnlyList<double>> ScoreAsync(
        string query,
        IReadOnlyList<string> passages,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(passages);
        var vectors = new ReadOnlyMemory<float>[passages.Count];
        List<int> unknown = [];
        lock (_lock)
        {
            for (var i = 0; i < vectors.Length; i++)
            {
                if (_recent.TryGetValue(passages[i], out vectors[i]))
                    continue;
                if (_older.TryGetValue(passages[i], out vectors[i]))
                    Keep(passages[i], vectors[i]);
                else
                    unknown.Add(i);
            }
        }

        var asked = (queries ?? _documents).GenerateAsync([query], cancellationToken: cancellationToken);
        if (unknown.Count > 0)
        {
            var made = await _documents
                .GenerateAsync(unknown.Select(i => passages[i]), cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            lock (_lock)
            {
                for (var i = 0; i < unknown.Count; i++)
                    Keep(passages[unknown[i]], vectors[unknown[i]] = made[i].Vector);
            }
        }

        var vector = (await asked.ConfigureAwait(false))[0].Vector;
        return Array.ConvertAll(vectors, passage => Cosine(vector.Span, passage.Span));
    }

    private static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var cosine = TensorPrimitives.CosineSimilarity(a, b);
        return float.IsFinite(cosine) ? cosine : 0;
    }

    private void Keep(string passage, ReadOnlyMemory<float> vector)
    {
        if (_recent.Count >= Kept / 2)
            (_older, _recent) = (_recent, new(StringComparer.Ordinal));
        _recent[passage] = vector;
    }
}
