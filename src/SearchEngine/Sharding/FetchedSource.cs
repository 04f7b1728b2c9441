using System.Collections.Concurrent;
using SearchEngine.Reading;

namespace SearchEngine.Sharding;

/// <summary>
/// Candidates of shards, fetched before the steps that read them. For one search; fetching is for one at a time. Disposing lets the shards
/// forget the search's moments.
/// </summary>
internal sealed class FetchedSource(
    CollectionSchema schema,
    MergedCandidates candidates,
    IReadOnlyList<(int Shard, ShardCandidates Found)> parts,
    IReadOnlyList<ISearchShard> shards
) : ICandidateSource, IDisposable
{
    private readonly ConcurrentDictionary<int, ShardRecord> _records = new();
    private readonly bool[] _released = new bool[parts.Count];

    /// <summary>Fetches records; what was fetched before in another form is replaced.</summary>
    /// <param name="ordinals">Which.</param>
    /// <param name="form">What they come with; its moment and records do not count.</param>
    /// <param name="scatter">Told of a shard that is lost.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SearchDatabaseException"><see cref="SearchDatabaseError.SnapshotTooOld"/>: search again.</exception>
    public async Task FetchAsync(IEnumerable<int> ordinals, ShardRead form, ShardScatter scatter, CancellationToken cancellationToken)
    {
        var reads = ordinals
            .Distinct()
            .Select(ordinal => (Ordinal: ordinal, candidates.PlaceOf(ordinal).Part, candidates.PlaceOf(ordinal).Record))
            .GroupBy(wanted => wanted.Part)
            .Select(group => FetchAsync(group.Key, [.. group.Select(w => (w.Ordinal, w.Record))], form, scatter, cancellationToken));
        await Task.WhenAll([.. reads]).ConfigureAwait(false);
    }

    public Document Read(int ordinal, bool includeVectors)
    {
        var document = RecordOf(ordinal).Document;
        if (includeVectors || document.Vectors.Count == 0)
            return document;
        return new Document(document.Key) { Version = document.Version, Fields = document.Fields };
    }

    public float[]? ReadVector(int ordinal, int position) =>
        RecordOf(ordinal).Document.Vectors.TryGetValue(schema.Vectors[position].Name, out var vector) ? vector.ToArray() : null;

    public Snippet? SnippetOf(SearchPlan plan, int ordinal, Document document) => RecordOf(ordinal).Snippet;

    public IReadOnlyList<TermContribution> TermsOf(SearchPlan plan, int ordinal) => RecordOf(ordinal).Terms;

    public void Dispose()
    {
        for (var part = 0; part < parts.Count; part++)
        {
            if (_released[part])
                continue;
            // Nobody waits for it: a moment that is not released is forgotten by itself.
            _ = shards[parts[part].Shard]
                .ReadAsync(new ShardRead(parts[part].Found.Moment, []) { Release = true })
                .ContinueWith(
                    task => task.Exception,
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default
                );
        }
    }

    private async Task FetchAsync(
        int part,
        (int Ordinal, int Record)[] wanted,
        ShardRead form,
        ShardScatter scatter,
        CancellationToken cancellationToken
    )
    {
        var (shard, found) = parts[part];
        var read = form with { Moment = found.Moment, Records = Array.ConvertAll(wanted, w => w.Record) };
        _released[part] = form.Release;
        IReadOnlyList<ShardRecord> records;
        try
        {
            records = await shards[shard].ReadAsync(read, cancellationToken).ConfigureAwait(false);
        }
        catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.ShardUnavailable && scatter.TryLose(shard))
        {
            throw new SearchDatabaseException(SearchDatabaseError.SnapshotTooOld, "A shard was lost on the way: search again.", e);
        }

        for (var i = 0; i < wanted.Length; i++)
            _records[wanted[i].Ordinal] = records[i];
    }

    private ShardRecord RecordOf(int ordinal) =>
        _records.TryGetValue(ordinal, out var record)
            ? record
            : throw new InvalidOperationException($"Candidate {ordinal} was not fetched before it was read.");
}
