using System.Collections.Concurrent;
using SearchEngine.Api.Contracts;

namespace SearchEngine.Api.Mapping;

/// <summary>
/// Maps of collections: a sample of the records laid out by their vectors. A map is kept until the number of records has changed.
/// Thread-safe; one map is made at a time.
/// </summary>
internal sealed class CollectionMaps
{
    private const int Seed = 7;
    private const int MaxKept = 16;
    private const int TitleLength = 120;

    private static readonly string[] TitleFields = ["title", "heading", "text", "content"];

    private readonly ConcurrentDictionary<(string Collection, string Field, int Limit), (long Count, MapReply Map)> _kept = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>The map of a collection.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="vector">The vector field.</param>
    /// <param name="color">A data field whose values colour the points; null for none.</param>
    /// <param name="limit">Points at most.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<MapReply> GetAsync(
        ISearchCollection collection,
        VectorField vector,
        string? color,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var count = await collection.CountAsync(cancellationToken: cancellationToken);
            var key = (collection.Name, vector.Name + "\n" + color, limit);
            if (_kept.TryGetValue(key, out var kept) && kept.Count == count)
                return kept.Map;
            var map = await Task.Run(() => MakeAsync(collection, vector, color, limit, count, cancellationToken), cancellationToken);
            if (_kept.Count >= MaxKept)
                _kept.Clear();
            _kept[key] = (count, map);
            return map;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static async Task<MapReply> MakeAsync(
        ISearchCollection collection,
        VectorField vector,
        string? color,
        int limit,
        long count,
        CancellationToken cancellationToken
    )
    {
        var documents = (await SampleAsync(collection, limit, cancellationToken))
            .Where(document => document.Vectors.ContainsKey(vector.Name))
            .ToArray();
        var vectors = Array.ConvertAll(documents, document => document.Vectors[vector.Name].ToArray());
        var points = NeighborLayout.Make(vectors, Seed, cancellationToken);
        return new MapReply(
            count,
            [
                .. documents.Select(
                    (document, i) =>
                        new MapPoint(
                            document.Key.Value,
                            points[i].X,
                            points[i].Y,
                            TitleOf(document),
                            color is null ? null : document[color]
                        )
                ),
            ]
        );
    }

    /// <summary>Every record of a small collection; of a large one a sample in which each has the same chance.</summary>
    private static async Task<IReadOnlyList<Document>> SampleAsync(
        ISearchCollection collection,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var keys = new List<RecordKey>(limit);
        var random = new Random(Seed);
        var seen = 0L;
        await foreach (var key in collection.ListKeysAsync(cancellationToken))
        {
            seen++;
            if (keys.Count < limit)
            {
                keys.Add(key);
                continue;
            }

            var place = random.NextInt64(seen);
            if (place < limit)
                keys[(int)place] = key;
        }

        return await collection.GetAsync(keys, includeVectors: true, cancellationToken);
    }

    private static string TitleOf(Document document)
    {
        var text = TitleFields.Select(name => document[name] as string).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        text ??= document.Key.ToString();
        return text.Length <= TitleLength ? text : text[..TitleLength] + "…";
    }
}
