using System.Numerics;
using SearchEngine.Moments;
using SearchEngine.Reading;

namespace SearchEngine.Writing;

/// <summary>
/// Deletes and patches by filter: finds the records in one moment, and has each decided again by the write loop, which carries it out only
/// where the record is still the one that was found, or is another by now that matches too. Thread-safe.
/// </summary>
internal sealed class FilteredWriter(Timeline timeline, FilterResolver filters, RecordReader records, WritePipeline pipeline)
{
    /// <summary>Records of a batch: enough to share an fsync, few enough that other writers get their turn.</summary>
    private const int BatchSize = 1024;

    /// <summary>Runs an operation on every record that matches.</summary>
    /// <param name="filter">The bound filter.</param>
    /// <param name="operation">The operation on a key, without its condition.</param>
    /// <param name="counted">What of a batch's result counts.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>How many were carried out.</returns>
    public async Task<long> RunAsync(
        DocumentFilter filter,
        Func<RecordKey, PreparedOperation> operation,
        Func<WriteResult, int> counted,
        CancellationToken cancellationToken
    )
    {
        long done = 0;
        var own = new HashSet<RecordVersion>();
        while (true)
        {
            using var found = new Found(this, filter, cancellationToken);
            try
            {
                while (found.NextBatch(operation, own) is { Count: > 0 } batch)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var result = await pipeline.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                    done += counted(result);
                    if (!result.Version.IsNone)
                        own.Add(result.Version);
                    found.Advance();
                }

                return done;
            }
            catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.SnapshotTooOld)
            {
                // Others wrote so much that the moment was given up: look again what matches now. What was patched here is not patched
                // twice.
            }
        }
    }

    private ReadLease Lease() => timeline.Lease();

    private ulong[] Resolve(CollectionMoment moment, DocumentFilter filter, CancellationToken cancellationToken) =>
        filters.Resolve(moment, filter, cancellationToken);

    private (RecordKey Key, RecordVersion Version) ReadHead(int ordinal) => records.ReadHead(ordinal);

    /// <summary>
    /// What is left of the records that were found, in a moment that moves on with each batch: nothing that died longer than a batch ago is
    /// held up.
    /// </summary>
    private sealed class Found : IDisposable
    {
        private readonly FilteredWriter _owner;
        private readonly DocumentFilter _filter;
        private readonly ulong[] _left;
        private readonly Queue<RecordKey> _replaced = new();
        private ReadLease _lease;
        private int _word;

        public Found(FilteredWriter owner, DocumentFilter filter, CancellationToken cancellationToken)
        {
            (_owner, _filter) = (owner, filter);
            _lease = owner.Lease();
            try
            {
                using var step = _lease.Step();
                _left = owner.Resolve(step.Moment, filter, cancellationToken);
            }
            catch
            {
                _lease.Dispose();
                throw;
            }
        }

        public void Dispose() => _lease.Dispose();

        public List<PreparedOperation> NextBatch(Func<RecordKey, PreparedOperation> operation, HashSet<RecordVersion> own)
        {
            var batch = new List<PreparedOperation>();
            void Add(RecordKey key, int ordinal) => batch.Add(operation(key) with { Condition = new MatchCondition(ordinal, _filter) });

            while (batch.Count < BatchSize && _replaced.TryDequeue(out var replaced))
                Add(replaced, -1);
            using var step = _lease.Step();
            for (; _word < _left.Length && batch.Count < BatchSize; _word++)
            {
                for (; _left[_word] != 0; _left[_word] &= _left[_word] - 1)
                {
                    var ordinal = _word * 64 + BitOperations.TrailingZeroCount(_left[_word]);
                    var (key, version) = _owner.ReadHead(ordinal);
                    if (!own.Contains(version))
                        Add(key, ordinal);
                }
            }

            return batch;
        }

        /// <summary>Moves on to the present. What was replaced since is decided by its key: what it is now may match as well.</summary>
        public void Advance()
        {
            var next = _owner.Lease();
            try
            {
                using var before = _lease.Step();
                using var now = next.Step();
                for (var word = _word; word < _left.Length; word++)
                {
                    for (var bits = _left[word]; bits != 0; bits &= bits - 1)
                    {
                        var ordinal = word * 64 + BitOperations.TrailingZeroCount(bits);
                        if (now.Moment.Live.Contains(ordinal))
                            continue;
                        _left[word] &= ~(1UL << (ordinal % 64));
                        _replaced.Enqueue(_owner.ReadHead(ordinal).Key);
                    }
                }
            }
            catch
            {
                next.Dispose();
                throw;
            }

            _lease.Dispose();
            _lease = next;
        }
    }
}
