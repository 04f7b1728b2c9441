namespace SearchEngine.Tests.Linearizability;

/// <summary>
/// Looks for an order of a key's operations that a single record could have gone through, in which each takes effect between its call and
/// its
/// return (Herlihy and Wing 1990). Goes through calls and returns in time and keeps every state that is possible, each with those of the
/// running operations that have taken effect in it (the just-in-time search of Lowe 2017); histories may be as long as they like, as long
/// as
/// few operations run at a time.
/// </summary>
internal static class LinearizabilityChecker
{
    /// <summary>Events before an operation that fits nowhere whose operations are named beside it.</summary>
    private const int Neighbourhood = 600;

    /// <summary>The possible states after a history.</summary>
    /// <exception cref="InvalidOperationException">There is no such order; the message has the operations around the one that fits
    /// nowhere.</exception>
    public static HashSet<RecordState> Check(IReadOnlyList<KeyOperation> history, IEnumerable<RecordState> before)
    {
        var events = new List<(long Time, int Operation, bool IsCall)>();
        for (var i = 0; i < history.Count; i++)
        {
            events.Add((history[i].Called, i, true));
            events.Add((history[i].Returned, i, false));
        }

        events.Sort((a, b) => a.Time.CompareTo(b.Time));
        var running = new int[64];
        Array.Fill(running, -1);
        var possible = before.Select(state => (State: state, Done: 0UL)).ToHashSet();
        foreach (var (_, operation, isCall) in events)
        {
            var slot = Array.IndexOf(running, isCall ? -1 : operation);
            if (isCall)
            {
                running[slot] = operation;
                continue;
            }

            var bit = 1UL << slot;
            var next = new HashSet<(RecordState State, ulong Done)>();
            foreach (var (state, done) in Reach(possible, running, history))
            {
                if ((done & bit) != 0)
                    next.Add((state, done & ~bit));
            }

            if (next.Count == 0)
            {
                var near = history
                    .Where(o => o.Called <= history[operation].Returned && o.Returned >= history[operation].Called - Neighbourhood)
                    .OrderBy(o => o.Called);
                throw new InvalidOperationException(
                    $"No order explains {history[operation]}. Possible before: {string.Join(" | ", possible.Select(p => p.State).Distinct().Take(6))}. Around it:\n{string.Join('\n', near)}"
                );
            }

            running[slot] = -1;
            possible = next;
        }

        return [.. possible.Select(p => p.State)];
    }

    /// <summary>All that running operations can have made of what is possible.</summary>
    private static HashSet<(RecordState State, ulong Done)> Reach(
        HashSet<(RecordState State, ulong Done)> from,
        int[] running,
        IReadOnlyList<KeyOperation> history
    )
    {
        var reached = new HashSet<(RecordState State, ulong Done)>(from);
        var left = new Stack<(RecordState State, ulong Done)>(from);
        while (left.TryPop(out var current))
        {
            for (var slot = 0; slot < running.Length; slot++)
            {
                if (running[slot] < 0 || (current.Done >> slot & 1) != 0)
                    continue;
                if (history[running[slot]].Apply(current.State) is not { } after)
                    continue;
                var next = (after, current.Done | 1UL << slot);
                if (reached.Add(next))
                    left.Push(next);
            }
        }

        return reached;
    }
}
