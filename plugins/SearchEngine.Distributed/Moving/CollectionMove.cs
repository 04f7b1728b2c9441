using SearchEngine.Distributed.Replication;

namespace SearchEngine.Distributed.Moving;

/// <summary>
/// Copies a collection into another database while it is read and written: of this machine into a cluster, out of one, or between two. What
/// changed on the way is copied again until nothing does; then both are held against each other by their contents.
/// </summary>
/// <remarks>
/// The copy is of the same schema and has the same records, vectors and metadata; versions are its own. Takes memory for the key and
/// the version of every record. Started again after it was broken off, it copies over
/// what is there.
/// </remarks>
/// <param name="source">The collection.</param>
/// <param name="target">Where to: a collection that is written by nobody else.</param>
public sealed class CollectionMove(ISearchCollection source, ISearchCollection target)
{
    /// <summary>Records of a batch: their vectors are a megabyte or two.</summary>
    private const int BatchRecords = 500;

    /// <summary>Passes after which the source is said to be written faster than it is copied.</summary>
    private const int MaxPasses = 20;

    private readonly Dictionary<RecordKey, RecordVersion> _copied = [];

    /// <summary>Copies and compares.</summary>
    /// <param name="progress">Gets the number of records written so far.</param>
    /// <param name="cancellationToken">Stops between batches; what was copied stays.</param>
    /// <returns>What both hold.</returns>
    /// <exception cref="ArgumentException">The schemas differ.</exception>
    /// <exception cref="SearchDatabaseException">
    /// The target is not the same in the end: something else writes it, or the source was written all the time. Nothing is lost; the source
    /// is as it was.
    /// </exception>
    public async Task<MoveReport> RunAsync(IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        SchemaAgreement.Require(target.Schema, source.Schema with { Name = target.Name });
        var written = 0L;
        for (var pass = 1; pass <= MaxPasses; pass++)
        {
            var before = written;
            written += await PassAsync(count => progress?.Report(before + count), cancellationToken).ConfigureAwait(false);
            if (pass > 1 && written == before)
            {
                var (ours, theirs) = (
                    await ContentHash.OfAsync(source, cancellationToken).ConfigureAwait(false),
                    await ContentHash.OfAsync(target, cancellationToken).ConfigureAwait(false)
                );
                if (ours == theirs)
                    return new MoveReport(ours, written, pass);
            }
        }

        throw new SearchDatabaseException(
            SearchDatabaseError.Storage,
            $"Collection '{source.Name}' was copied {MaxPasses} times over, and the copy still holds something else: it is written faster than it is copied, or the copy is written by somebody else. Stop the writers and start again."
        )
        {
            Collection = source.Name,
        };
    }

    /// <summary>Copies what is not copied yet, takes away what is gone; how many records and metadata were written.</summary>
    private async Task<long> PassAsync(Action<long> report, CancellationToken cancellationToken)
    {
        var written = 0L;
        var seen = new HashSet<RecordKey>();
        var view = await source.OpenViewAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = view.ConfigureAwait(false);
        var batch = new WriteBatch();
        async Task FlushAsync()
        {
            if (batch.Count == 0)
                return;
            await target.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            written += batch.Count;
            report(written);
            batch = new WriteBatch();
        }

        await foreach (var document in view.QueryAsync(new RecordQuery { IncludeVectors = true }, cancellationToken).ConfigureAwait(false))
        {
            seen.Add(document.Key);
            if (_copied.TryGetValue(document.Key, out var version) && version == document.Version)
                continue;
            batch.Upsert(WithAllVectors(document));
            _copied[document.Key] = document.Version;
            if (batch.Count == BatchRecords)
                await FlushAsync().ConfigureAwait(false);
        }

        await foreach (var key in target.ListKeysAsync(cancellationToken).ConfigureAwait(false))
        {
            if (seen.Contains(key))
                continue;
            batch.Delete(key);
            _copied.Remove(key);
            if (batch.Count == BatchRecords)
                await FlushAsync().ConfigureAwait(false);
        }

        await AddMetadataAsync(view, batch, cancellationToken).ConfigureAwait(false);
        await FlushAsync().ConfigureAwait(false);
        return written;
    }

    private async Task AddMetadataAsync(ICollectionView view, WriteBatch batch, CancellationToken cancellationToken)
    {
        var theirs = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var (name, value) in target.ListMetadataAsync("", cancellationToken).ConfigureAwait(false))
            theirs[name] = value;
        await foreach (var (name, value) in view.ListMetadataAsync("", cancellationToken).ConfigureAwait(false))
        {
            if (!theirs.Remove(name, out var known) || known != value)
                batch.SetMetadata(name, value);
        }

        foreach (var name in theirs.Keys)
            batch.SetMetadata(name, null);
    }

    /// <summary>A record without a vector has none in the copy either: none is to be made of its text.</summary>
    private Document WithAllVectors(Document document)
    {
        foreach (var field in source.Schema.Vectors)
            document.Vectors.TryAdd(field.Name, default);
        return document;
    }
}
