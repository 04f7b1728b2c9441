namespace SearchEngine.Moments;

/// <summary>
/// Ordinals whose records are no longer visible but may still be read in an earlier moment; oldest first. They are taken out of the views
/// when no such reader is left. Used by the write loop alone, or while it stands still.
/// </summary>
internal sealed class RetiredOrdinals
{
    private readonly Queue<(long Sequence, int[] Ordinals)> _groups = new();

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>The first moment in which the oldest of them is no longer visible; 0 where none waits.</summary>
    public long OldestSequence => _groups.TryPeek(out var group) ? group.Sequence : 0;

    /// <summary>Adds what is no longer visible from a moment on; moments ascend.</summary>
    public void Add(long sequence, int[] ordinals)
    {
        if (ordinals.Length == 0)
            return;
        _groups.Enqueue((sequence, ordinals));
        Count += ordinals.Length;
    }

    /// <summary>Takes those that no reader of a moment from <paramref name="oldestReader"/> on can see.</summary>
    public List<int> TakeUnseen(long oldestReader)
    {
        var taken = new List<int>();
        while (_groups.TryPeek(out var group) && group.Sequence <= oldestReader)
        {
            taken.AddRange(_groups.Dequeue().Ordinals);
        }

        Count -= taken.Count;
        return taken;
    }

    /// <summary>All that wait.</summary>
    public int[] ToArray() => [.. _groups.SelectMany(group => group.Ordinals)];
}
