using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using SearchEngine.Storage;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>Words of one stored piece of the live bitmap: 64 KiB.</summary>
    internal const int LivePieceWords = 8192;

    internal const string AddressProperty = "logAddress";
    internal const string NextOrdinalProperty = "nextOrdinal";
    internal const string NextBatchProperty = "nextBatch";
    internal const string GraphProperty = "graphCheckpoint";
    internal const string LivePiecesProperty = "livePieces";
    internal const string TimeProperty = "writtenUtc";

    /// <summary>Ordinals freed since the last checkpoint; they are given out again only after the next one is whole, so that a replay never meets an ordinal twice.</summary>
    private readonly List<int> _released = [];

    private long _checkpointAddress;

    /// <summary>Brings every view to one log address on disk and truncates the log; readers and writers go on.</summary>
    /// <exception cref="SearchDatabaseException">The disk refused; the previous checkpoint and the log still hold everything.</exception>
    public async Task CheckpointAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfNotWritable();
        await GuardAsync(() => CheckpointCoreAsync(cancellationToken)).ConfigureAwait(false);
    }

    private async Task CheckpointCoreAsync(CancellationToken cancellationToken)
    {
        await _checkpointGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await CheckpointHoldingGateAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _checkpointGate.Release();
        }
    }

    /// <summary>The checkpoint itself. Gates are always taken in the order checkpoint, apply.</summary>
    private async Task<ManifestContent> CheckpointHoldingGateAsync(CancellationToken cancellationToken)
    {
        // 1. Between two groups of writes: everything before this address is in the views, and what was deleted up to here may be
        //    reused when the checkpoint is whole. What comes later may be in the images too: replay is idempotent.
        long address = 0;
        int[] released = [];
        await BetweenWritesAsync(
            () =>
            {
                address = _appliedAddress;
                released = [.. _released];
                _released.Clear();
            },
            cancellationToken).ConfigureAwait(false);
        try
        {
            var manifest = await WriteCheckpointAsync(address, healGraphs: released.Length > 0, cancellationToken).ConfigureAwait(false);
            await BetweenWritesAsync(
                () =>
                {
                    foreach (var ordinal in released) _freeOrdinals.Enqueue(ordinal);
                },
                CancellationToken.None).ConfigureAwait(false);
            return manifest;
        }
        catch
        {
            // Cancelled, or the disk refused: the next checkpoint gives them out.
            await BetweenWritesAsync(() => _released.AddRange(released), CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private async Task BetweenWritesAsync(Action run, CancellationToken cancellationToken)
    {
        await _applyGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            run();
        }
        finally
        {
            _applyGate.Release();
        }
    }

    private async Task<ManifestContent> WriteCheckpointAsync(long address, bool healGraphs, CancellationToken cancellationToken)
    {
        // With relaxed durability a loss of power must not leave a log that ends before the address the manifest names.
        _log.Flush();

        // 2. Heal the graphs, then write the images.
        if (healGraphs)
        {
            foreach (var vector in _vectors) vector.Index.Repair(cancellationToken);
        }

        foreach (var vector in _vectors) vector.Index.SaveChanges(vector);
        var pieces = SaveLive();
        var nextOrdinal = Volatile.Read(ref _nextOrdinal);
        var nextBatch = Volatile.Read(ref _nextBatch);
        var generation = _lexical?.Commit(new Dictionary<string, string> { [AddressProperty] = address.ToString(CultureInfo.InvariantCulture) }) ?? 0;
        // Lucene forces its files to the disk, not their names.
        if (_lexical is not null) _options.Files.FlushDirectory(_files.Lexical);
        SaveAddress(_records, address);
        SaveAddress(_graph, address);
        var graph = await _graph.CheckpointAsync(cancellationToken).ConfigureAwait(false);
        var records = await _records.CheckpointAsync(cancellationToken).ConfigureAwait(false);

        // 3. The manifest makes it count.
        var time = DateTimeOffset.UtcNow;
        var manifest = new ManifestContent(address, records, graph, generation, nextOrdinal, nextBatch, pieces, time);
        ManifestCodec.Write(_files.Directory, manifest, _options.Files);
        Volatile.Write(ref _checkpointAddress, address);
        LastCheckpoint = time;

        // 4. Only now may the old go.
        _log.TruncateBefore(address);
        _records.RemoveCheckpointsExcept(records);
        _graph.RemoveCheckpointsExcept(graph);
        return manifest;
    }

    /// <summary>Writes the live bitmap; returns how many pieces it has.</summary>
    private int SaveLive()
    {
        var words = _live.ToWords();
        Span<byte> key = stackalloc byte[4];
        var piece = 0;
        for (var start = 0; start < words.Length; start += LivePieceWords, piece++)
        {
            BinaryPrimitives.WriteInt32BigEndian(key, piece);
            _records.Upsert(RecordSpaces.Live, key, MemoryMarshal.AsBytes(words.AsSpan(start, Math.Min(LivePieceWords, words.Length - start))));
        }

        return piece;
    }

    /// <summary>Each view carries the address that its checkpoint is of; verification holds them against each other.</summary>
    private static void SaveAddress(RecordStore store, long address)
    {
        Span<byte> value = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(value, address);
        store.Upsert(RecordSpaces.Address, AddressKey, value);
    }

    private static ReadOnlySpan<byte> AddressKey => [0];

    private void StartBackgroundCheckpoint()
    {
        lock (_backgroundLock)
        {
            if (!_backgroundCheckpoint.IsCompleted || Volatile.Read(ref _disposed) != 0 || _fault is not null) return;
            if (Volatile.Read(ref _appliedAddress) == Volatile.Read(ref _checkpointAddress)) return;
            _backgroundCheckpoint = Task.Run(async () =>
            {
                try
                {
                    await CheckpointCoreAsync(CancellationToken.None).ConfigureAwait(false);
                    await ReclaimAsync(_closing.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (_closing.IsCancellationRequested)
                {
                    // Closing: what was compacted so far counts, the rest waits for the next time.
                }
                catch (Exception e)
                {
                    // The log and the previous checkpoint hold everything; the next attempt comes with the next write or tick.
                    LogCheckpointFailed(_logger, Name, e);
                }
            });
        }
    }

    /// <summary>Starts a checkpoint when the log is long; waits for it when it is twice as long, so that a recovery stays bounded.</summary>
    private async ValueTask LimitLogAsync()
    {
        var length = _log.TailAddress - Volatile.Read(ref _checkpointAddress);
        var limit = CheckpointLogBytes;
        if (length < limit) return;
        StartBackgroundCheckpoint();
        if (length >= 2 * limit) await _backgroundCheckpoint.ConfigureAwait(false);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The checkpoint of collection {Collection} failed")]
    private static partial void LogCheckpointFailed(ILogger logger, string collection, Exception exception);
}
