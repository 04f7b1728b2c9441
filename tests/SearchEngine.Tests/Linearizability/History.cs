using System.Collections.Concurrent;

namespace SearchEngine.Tests.Linearizability;

/// <summary>What all workers did, by key, on one clock that only counts. Thread-safe.</summary>
internal sealed class History
{
    private readonly ConcurrentDictionary<int, ConcurrentQueue<KeyOperation>> _operations = new();
    private long _clock;

    public long Now() => Interlocked.Increment(ref _clock);

    public void Add(int key, long called, long returned, string what, Func<RecordState, RecordState?> apply) =>
        _operations.GetOrAdd(key, _ => new()).Enqueue(new KeyOperation(called, returned, what, apply));

    /// <summary>Somebody saw a state of a key.</summary>
    public void AddRead(int key, long called, long returned, string what, RecordState seen) =>
        Add(
            key,
            called,
            returned,
            $"{what} saw {seen}",
            state => state.Agrees(seen) ? state with { Version = state.Version ?? seen.Version } : null
        );

    public long Count => _operations.Values.Sum(operations => (long)operations.Count);

    public IReadOnlyList<KeyOperation> Of(int key) => _operations.TryGetValue(key, out var operations) ? [.. operations] : [];
}
