namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Gives the space of updates and deletes back and repairs graphs around deleted records; ends with a checkpoint. Readers and writers go on, but for the moment in which the nodes of each vector index are laid out anew in memory.</summary>
    /// <exception cref="SearchDatabaseException">The disk refused; nothing is lost.</exception>
    public async Task CompactAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotWritable();
        await GuardAsync(async () =>
        {
            await CheckpointCoreAsync(cancellationToken).ConfigureAwait(false);
            await CompactStoresAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Copies what lives in the stores to their ends; the checkpoint behind it lets the files in front go.</summary>
    private async Task CompactStoresAsync(CancellationToken cancellationToken)
    {
        await _checkpointGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(
                () =>
                {
                    _records.Compact(cancellationToken);
                    _graph.Compact(cancellationToken);
                    foreach (var vector in _vectors) vector.Index.Compact(cancellationToken);
                },
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _checkpointGate.Release();
        }

        await CheckpointCoreAsync(cancellationToken).ConfigureAwait(false);
    }
}
