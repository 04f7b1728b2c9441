using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SearchEngine.Lexical;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>
/// Records with data fields and vectors, searched by vector, by keyword, or both. Thread-safe: many readers and writers.
/// A write that returned is durable (see <see cref="DatabaseDurability"/>) and seen by every search that starts afterwards.
/// </summary>
/// <remarks>
/// One loop per collection takes the batches that writers queue: it assigns ordinals, appends the batches to the write log, waits
/// once for the disk for all of them, and applies them to the views (record store, vector indexes, Lucene). Readers take no lock.
/// </remarks>
public sealed partial class SearchCollection
{
    private readonly SearchDatabaseOptions _options;
    private readonly CollectionFiles _files;
    private readonly WriteLog _log;
    private readonly RecordStore _records;
    private readonly RecordStore _graph;
    private readonly LexicalIndex? _lexical;
    private readonly VectorFieldIndex[] _vectors;
    private readonly LiveOrdinals _live;
    private readonly ILogger _logger;
    private readonly Channel<PendingWrite> _queue;
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Held by the write loop while it applies a group, and by whoever needs the views to stand still (verification).</summary>
    private readonly SemaphoreSlim _applyGate = new(1, 1);

    /// <summary>One checkpoint or compaction at a time.</summary>
    private readonly SemaphoreSlim _checkpointGate = new(1, 1);

    private readonly Lock _refreshLock = new();
    private readonly Lock _backgroundLock = new();
    private Timer? _checkpointTimer;
    private Task _writeLoop = Task.CompletedTask;
    private Task _backgroundCheckpoint = Task.CompletedTask;
    private long _lexicalWrites;
    private long _lexicalRefreshed;
    private volatile Exception? _fault;
    private int _disposed;

    private SearchCollection(SearchDatabaseOptions options, CollectionFiles files, CollectionSchema schema, OpenedViews views)
    {
        _options = options;
        _files = files;
        Schema = schema;
        _log = views.Log;
        _records = views.Records;
        _graph = views.Graph;
        _lexical = views.Lexical;
        _vectors = views.Vectors;
        _live = views.Live;
        _nextOrdinal = views.NextOrdinal;
        _nextBatch = views.NextBatch;
        _appliedAddress = views.AppliedAddress;
        _checkpointAddress = views.CheckpointAddress;
        LastCheckpoint = views.LastCheckpoint;
        _logger = (ILogger?)options.LoggerFactory?.CreateLogger<SearchCollection>() ?? NullLogger.Instance;
        _queue = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true });
    }

    /// <summary>The collection's name.</summary>
    public string Name => Schema.Name;

    /// <summary>The schema, as stored.</summary>
    public CollectionSchema Schema { get; }

    /// <summary>Live records.</summary>
    public long Count => _live.Count;

    internal DateTimeOffset? LastCheckpoint { get; private set; }

    /// <summary>Counts, sizes and the schema.</summary>
    public CollectionInfo GetInfo()
    {
        ThrowIfClosed();
        return new CollectionInfo(Schema, Count, _files.Bytes(), Math.Max(0, _log.TailAddress - Volatile.Read(ref _checkpointAddress)), MemoryBytes(), LastCheckpoint);
    }

    /// <summary>Stops the write loop after what is queued, writes a last checkpoint and releases the files.</summary>
    internal async ValueTask CloseAsync(bool checkpoint)
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _checkpointTimer?.Dispose();
        _queue.Writer.TryComplete();
        await _writeLoop.ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        await _backgroundCheckpoint.ConfigureAwait(false);
        try
        {
            if (checkpoint && !_options.ReadOnly && _fault is null && _appliedAddress != _checkpointAddress)
                await CheckpointCoreAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            foreach (var vector in _vectors) vector.Dispose();
            _lexical?.Dispose();
            _graph.Dispose();
            _records.Dispose();
            _log.Dispose();
            _closing.Dispose();
        }
    }

    private long MemoryBytes()
    {
        long bytes = _records.Statistics.MemoryBytes + _graph.Statistics.MemoryBytes;
        foreach (var vector in _vectors)
        {
            var statistics = vector.Index.Statistics;
            bytes += statistics.CodeBytes + statistics.GraphBytes + statistics.FullPrecisionBytes;
        }

        return bytes;
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    /// <summary>Runs with the leaves' and the system's errors turned into the database's own.</summary>
    private Task GuardAsync(Func<Task> run) => DatabaseErrors.GuardAsync(_options.Directory, Name, async () =>
    {
        await run().ConfigureAwait(false);
        return true;
    });

    private SearchDatabaseException Failed(SearchDatabaseError error, string message, Exception? inner = null) =>
        new(error, message, inner) { Collection = Name, Directory = _options.Directory };
}
