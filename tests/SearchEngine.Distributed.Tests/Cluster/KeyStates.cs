using System.Collections.Concurrent;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>
/// What is known of every key while a cluster is written to: each key has one writer, which numbers what it writes. Thread-safe.
/// </summary>
public sealed class KeyStates
{
    private readonly ConcurrentDictionary<string, State> _states = new(StringComparer.Ordinal);

    /// <summary>The keys that were ever written.</summary>
    public IReadOnlyCollection<string> Keys => [.. _states.Keys];

    /// <summary>What is acknowledged of a key: the number of its last write, and whether that was a deletion.</summary>
    public (long Number, bool IsDeleted) AcknowledgedOf(string key) =>
        _states.TryGetValue(key, out var state) ? (state.Acknowledged, state.IsDeleted) : (0, true);

    /// <summary>Notes that a write is on its way.</summary>
    public void Begin(string key, long number) =>
        _states.AddOrUpdate(key, _ => new State(0, true, number), (_, state) => state with { Begun = number });

    /// <summary>Notes that it was acknowledged.</summary>
    public void Acknowledge(string key, long number, bool deletes) =>
        _states.AddOrUpdate(key, _ => new State(number, deletes, number), (_, state) => new State(number, deletes, state.Begun));

    /// <summary>
    /// What is wrong with what was read of a key: older than what had been acknowledged when the read began, or never written; null where it
    /// is right.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="before">What was acknowledged when the read began.</param>
    /// <param name="read">The number that was read; null where there was no record.</param>
    public string? Judge(string key, (long Number, bool IsDeleted) before, long? read)
    {
        var state = _states.TryGetValue(key, out var found) ? found : new State(0, true, 0);
        if (read is { } number)
        {
            return number < before.Number || (number == before.Number && before.IsDeleted)
                    ? $"{key} is stale: {number} was read where {before} was acknowledged."
                : number > state.Begun ? $"{key}: {number} was read, and {state.Begun} was the last to be written."
                : null;
        }

        // A later deletion may be on its way.
        return before.IsDeleted || state.Begun > before.Number ? null : $"{key} is lost: {before} was acknowledged.";
    }

    private sealed record State(long Acknowledged, bool IsDeleted, long Begun);
}
