using System.Collections.Concurrent;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;

namespace SearchEngine.Api.Mapping;

/// <summary>
/// Maps of collections: a sample of the records laid out by their vectors. A map is kept until something is written. Thread-safe; one map is
/// made at a time, and whoever finds too many waiting is told to come back: maps shall not take all workers' places.
/// </summary>
internal sealed class CollectionMaps
{
    private const int Seed = 7;
    private const int MaxKept = 16;
    private const int TitleLength = 120;

    /// <summary>Requests that wait for their map at a time, the one whose is being made among them.</summary>
    private const int MaxWaiting = 4;

    private static readonly string[] TitleFields = ["title", "heading", "text", "content"];

    private readonly ConcurrentDictionary<(string Collection, string Field, int Limit), KeptMap> _kept = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _waiting;

    /// <summary>The map of a collection.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="vector">The vector field.</param>
    /// <param name="color">A data field whose values colour the points; null for none.</param>
    /// <param name="limit">Points at most.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="RequestException">Too many wait for theirs.</exception>
    public async Task<MapReply> GetAsync(
        SearchCollection collection,
        VectorField vector,
        string? color,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var key = (collection.Name, vector.Name + "\n" + color, limit);
        if (_kept.TryGetValue(key, out var kept) && kept.IsOf(collection))
            return kept.Map;
        try
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting)
                throw RequestException.Busy("Maps for others are being made; try again in a second.");
            await _turn.WaitAsync(cancellationToken);
            try
            {
                if (_kept.TryGetValue(key, out kept) && kept.IsOf(collection))
                    return kept.Map;
                var writes = collection.WriteGroups;
                var map = await Task.Run(() => Make(collection, vector, color, limit, cancellationToken), cancellationToken);
                if (_kept.Count >= MaxKept)
                    _kept.Clear();
                _kept[key] = new KeptMap(new WeakReference<SearchCollection>(collection), writes, map);
                return map;
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static MapReply Make(
        SearchCollection collection,
        VectorField vector,
        string? color,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var count = collection.Count;
        var documents = collection
            .Sample(limit, Seed, includeVectors: true, cancellationToken)
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

    private static string TitleOf(Document document)
    {
        var text = TitleFields.Select(name => document[name] as string).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        text ??= document.Key.ToString();
        return text.Length <= TitleLength ? text : text[..TitleLength] + "…";
    }

    /// <summary>A map and what it was made of. A collection that was deleted and made anew is another one.</summary>
    private sealed record KeptMap(WeakReference<SearchCollection> Collection, long Writes, MapReply Map)
    {
        public bool IsOf(SearchCollection collection) =>
            Collection.TryGetTarget(out var made) && ReferenceEquals(made, collection) && collection.WriteGroups == Writes;
    }
}
