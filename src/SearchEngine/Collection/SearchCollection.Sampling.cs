namespace SearchEngine;

/// <content>What is read of a collection as a whole, to look at it.</content>
public sealed partial class SearchCollection
{
    /// <summary>
    /// Rises with every group of writes while the collection is open: where it is the same as before, nothing was written in between.
    /// </summary>
    public long WriteGroups => _engine.Timeline.Current.Sequence;

    /// <summary>
    /// Records drawn at random, each with the same chance, all of one moment; every record where there are no more than asked for. Costs a
    /// look at a bit in memory for each record of the collection, and a read for each that was drawn.
    /// </summary>
    /// <param name="count">Records at most, at least 1.</param>
    /// <param name="seed">The same seed draws the same records as long as nothing is written.</param>
    /// <param name="includeVectors">Whether vectors are read with them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    /// <exception cref="SearchDatabaseException">A record cannot be read, or <see cref="SearchDatabaseError.SnapshotTooOld"/>.</exception>
    public IReadOnlyList<Document> Sample(int count, int seed, bool includeVectors = false, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _engine.ThrowIfClosed();
        return _engine.Queries.Sample(count, seed, includeVectors, cancellationToken);
    }
}
