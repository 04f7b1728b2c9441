using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SearchEngine.Moments;
using SearchEngine.Reading;
using SearchEngine.Sharding;
using SearchEngine.Storage;

namespace SearchEngine.Writing;

/// <summary>
/// The one that writes. Batches queue up; what has queued up is carried out as one group: decided, logged, forced to the disk once for all
/// of them, put into the views where nobody sees it yet, and made visible by publishing the next moment. What died is taken out of the
/// views when no reader can see it any more.
/// </summary>
internal sealed partial class WritePipeline
{
    /// <summary>Batches that may wait; more make writers wait, which keeps memory bounded.</summary>
    private const int QueueCapacity = 256;

    /// <summary>Operations that one group of batches has at most: enough to share an fsync, few enough to acknowledge soon.</summary>
    private const int GroupOperations = 4096;

    /// <summary>
    /// Dead records that readers may hold up, and changes that they may have to look through, beyond which the oldest of those that can be
    /// are revoked: as many as there are live records, and this many at least. It bounds what a forgotten enumerator costs to about the
    /// size of the collection.
    /// </summary>
    internal const int LeastRetired = 100_000;

    private static readonly PendingWrite Wake = new([]);

    private readonly Channel<PendingWrite> _queue = Channel.CreateBounded<PendingWrite>(
        new BoundedChannelOptions(QueueCapacity) { SingleReader = true }
    );
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SearchDatabaseOptions _options;
    private readonly WriteLog _log;
    private readonly KeyDirectory _keys;
    private readonly MetadataDirectory _metadata;
    private readonly ViewWriter _views;
    private readonly BatchPlanner _planner;
    private readonly OrdinalAllocator _ordinals;
    private readonly Timeline _timeline;
    private readonly CollectionErrors _errors;
    private readonly ILogger _logger;
    private readonly RetiredOrdinals _retired = new();
    private readonly HeldLinks _held = new();
    private Task _loop = Task.CompletedTask;
    private volatile Exception? _fault;
    private ulong _nextBatch;
    private long _appliedAddress;
    private long _openedAddress;

    public WritePipeline(
        SearchDatabaseOptions options,
        WriteLog log,
        KeyDirectory keys,
        MetadataDirectory metadata,
        ViewWriter views,
        BatchPlanner planner,
        OrdinalAllocator ordinals,
        Timeline timeline,
        CollectionErrors errors,
        ILogger logger
    )
    {
        (_options, _log, _keys, _metadata, _views, _planner) = (options, log, keys, metadata, views, planner);
        (_ordinals, _timeline, _errors, _logger) = (ordinals, timeline, errors, logger);
        _timeline.Epochs.AwaitedLeft = () => _queue.Writer.TryWrite(Wake);
    }

    /// <summary>Called after every group, outside of the gate: keeps the log short.</summary>
    public Func<ValueTask>? AfterGroup { get; set; }

    /// <summary>What stopped the writes; null where nothing did.</summary>
    public Exception? Fault => _fault;

    /// <summary>The number that the next batch gets.</summary>
    public ulong NextBatch => Volatile.Read(ref _nextBatch);

    /// <summary>The log address up to which the views are.</summary>
    public long AppliedAddress => Volatile.Read(ref _appliedAddress);

    /// <summary>Dead records that are still in the views. While the loop stands still.</summary>
    public RetiredOrdinals Retired => _retired;

    /// <summary>Says where an opening got to; before <see cref="Start"/>.</summary>
    public void Position(ulong nextBatch, long appliedAddress)
    {
        _nextBatch = nextBatch;
        _appliedAddress = appliedAddress;
        _openedAddress = appliedAddress;
    }

    /// <summary>Whether anything was written since the opening.</summary>
    public bool HasWritten => AppliedAddress != _openedAddress;

    /// <summary>Takes batches from now on.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Refuses further batches and waits for those that are queued.</summary>
    public async Task CloseAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    /// <summary>Queues a batch and waits for its outcome.</summary>
    /// <exception cref="SearchDatabaseException">A version conflict, or the disk refused.</exception>
    public async Task<WriteResult> WriteAsync(
        IReadOnlyList<PreparedOperation> operations,
        CancellationToken cancellationToken,
        WriteStamp? stamp = null
    )
    {
        var pending = new PendingWrite(operations, stamp);
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SearchCollection));
        }

        // Past this point the batch will be written: waiting for it is not cancelled, so that the caller always learns the outcome.
        return await pending.Completion.Task.ConfigureAwait(false);
    }

    /// <summary>Runs between two groups, when the views stand still and what no reader holds up is taken out of them.</summary>
    public async Task<T> BetweenGroupsAsync<T>(Func<T> run, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_fault is null)
                RemoveUnseen();
            return run();
        }
        finally
        {
            _gate.Release();
        }
    }

    public void ThrowIfFaulted()
    {
        if (_fault is not null)
            throw FaultException();
    }

    private async Task RunAsync()
    {
        var group = new List<PendingWrite>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            group.Clear();
            var operations = 0;
            while (operations < GroupOperations && _queue.Reader.TryRead(out var pending))
            {
                if (ReferenceEquals(pending, Wake))
                    continue;
                group.Add(pending);
                operations += pending.Operations.Count;
            }

            await _gate.WaitAsync().ConfigureAwait(false);
            try
            {
                WriteGroup(group);
            }
            finally
            {
                _gate.Release();
            }

            if (AfterGroup is { } after)
                await after().ConfigureAwait(false);
        }
    }

    private void WriteGroup(List<PendingWrite> group)
    {
        try
        {
            ThrowIfFaulted();
            if (group.Count > 0)
                CarryOut(group);
            foreach (var pending in group)
            {
                if (pending.Failure is { } decided)
                    pending.Completion.TrySetException(decided);
                else
                    pending.Completion.TrySetResult(pending.Result!);
            }

            RemoveUnseen();
        }
        catch (Exception e)
        {
            // What reached the log is replayed at the next opening; until then the views cannot be trusted to hold it all.
            if (_fault is null)
            {
                _fault = e;
                LogWriteFailed(_logger, _options.Directory, e);
            }

            var failure = FaultException();
            foreach (var pending in group)
                pending.Completion.TrySetException(failure);
        }
    }

    private void CarryOut(List<PendingWrite> group)
    {
        var plan = new GroupPlan();
        long address = 0;
        foreach (var pending in group)
        {
            try
            {
                var batch = _planner.Plan(plan, pending.Operations, RecordVersion.OfBatch(_nextBatch), pending.Stamp);
                if (batch.Logged.Count > 0)
                    address = Append(batch.Logged);
                pending.Result = batch.Result with { LogAddress = batch.Logged.Count > 0 ? address : _log.DurableAddress };
            }
            catch (SearchDatabaseException e)
            {
                // This batch was decided against: nothing of it is logged, and the others do not mind. It is told with them: what it was
                // decided
                // on may be a batch before it in the group, which nobody sees yet.
                pending.Failure = e;
            }
        }

        if (address == 0)
            return;
        if (_options.Durability == DatabaseDurability.EveryWrite)
            _log.WaitUntilDurable(address);

        var added = plan.NewRecords();
        _views.Put(added);
        var dead = plan.Dead();
        var live = new LiveSnapshotBuilder(_timeline.Current.Live);
        foreach (var record in added)
            live.Add(record.Ordinal);
        foreach (var ordinal in dead)
            live.Remove(ordinal);
        var next = _timeline.Link(live.Build(), plan.Changes());
        foreach (var (key, ordinal) in plan.KeyChanges())
            _keys.Map(key, ordinal);
        foreach (var (name, value) in plan.MetadataChanges())
            _metadata.Set(name, value);
        _timeline.Publish(next);
        _held.Add(next);
        Volatile.Write(ref _appliedAddress, address);
        _ordinals.Release(plan.Superseded);
        _retired.Add(next.Sequence, dead);
    }

    private long Append(List<LogOperation> operations)
    {
        var writer = new ByteWriter();
        LogBatchCodec.Write(writer, operations);
        long address = 0;
        foreach (var entry in LogBatchCodec.Cut(_nextBatch, writer.ToArray()))
            address = _log.Append(entry);
        Volatile.Write(ref _nextBatch, _nextBatch + 1);
        return address;
    }

    /// <summary>
    /// Takes the dead out of the views that no reader can see, and lets the links go that none needs; the last reader of others wakes the
    /// loop when it leaves.
    /// </summary>
    private void RemoveUnseen()
    {
        LetGo();
        var most = Math.Max(LeastRetired, _timeline.Current.Live.Count);
        while ((_retired.Count > most || _held.Changes > most) && _timeline.Epochs.RevokeOldest())
            LetGo();
        var awaited =
            _retired.Count > 0 ? _retired.OldestSequence
            : _held.Changes > GroupOperations ? _timeline.Current.Sequence
            : long.MinValue;
        _timeline.Epochs.Await(awaited);
        if (awaited != long.MinValue)
            LetGo();
    }

    private void LetGo()
    {
        var oldest = _timeline.Epochs.Oldest();
        _held.LetGo(Math.Min(oldest, _timeline.Current.Sequence));
        if (_retired.Count == 0)
            return;
        var unseen = _retired.TakeUnseen(oldest);
        _views.Remove(unseen);
        _ordinals.Release(unseen);
    }

    private SearchDatabaseException FaultException() =>
        _errors.Failed(
            SearchDatabaseError.Storage,
            $"The collection stopped taking writes: {_fault!.Message} Nothing acknowledged is lost; free space or mend the disk, then close the database and open it again.",
            _fault
        );

    [LoggerMessage(Level = LogLevel.Error, Message = "A collection in {Directory} stopped taking writes")]
    private static partial void LogWriteFailed(ILogger logger, string directory, Exception exception);
}
