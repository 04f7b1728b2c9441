namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Below this the fixed cost of a checkpoint would be felt in writing.</summary>
    private const long LeastCheckpointLogBytes = 16L << 20;

    /// <summary>The live data of both stores when they were last looked at, about.</summary>
    private long _liveBytes;

    /// <summary>
    /// Write log after which a checkpoint starts: what the options say, for a small collection half of its live data, so that the log
    /// does not take more room than the records.
    /// </summary>
    private long CheckpointLogBytes => Math.Min(_options.CheckpointLogBytes, Math.Max(LeastCheckpointLogBytes, Volatile.Read(ref _liveBytes) / 2));

    /// <summary>After a checkpoint: where much of a store is dead, moves what lives in its oldest part; the checkpoint behind it lets the files in front go.</summary>
    private async Task ReclaimAsync(CancellationToken cancellationToken)
    {
        var records = _records.Statistics;
        var graph = _graph.Statistics;
        Volatile.Write(ref _liveBytes, records.LiveBytesEstimate + graph.LiveBytesEstimate);
        if (!records.CompactionAdvised && !graph.CompactionAdvised) return;
        await _checkpointGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(
                () =>
                {
                    if (records.CompactionAdvised) _records.Reclaim(cancellationToken);
                    if (graph.CompactionAdvised) _graph.Reclaim(cancellationToken);
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
