using SearchEngine.Moments;

namespace SearchEngine.Writing;

/// <summary>
/// Gives out ordinals. One that was freed is given out again only when the checkpoint after its removal is whole: the log is replayed from
/// the last checkpoint, and a replay must not meet an ordinal in two roles. Used by the write loop, or while it stands still;
/// <see cref="Next"/> may be read at any time.
/// </summary>
internal sealed class OrdinalAllocator(int next)
{
    private readonly Queue<int> _free = new();
    private readonly List<int> _released = [];
    private int _next = next;

    /// <summary>One more than the largest ordinal ever given out.</summary>
    public int Next => Volatile.Read(ref _next);

    /// <summary>An ordinal that nothing has.</summary>
    public int Take() => _free.TryDequeue(out var free) ? free : _next++;

    /// <summary>Takes back an ordinal that was given out and neither logged nor used.</summary>
    public void Return(int ordinal) => _free.Enqueue(ordinal);

    /// <summary>Ordinals that are in no view any more; free after the next whole checkpoint.</summary>
    public void Release(IEnumerable<int> ordinals) => _released.AddRange(ordinals);

    /// <summary>The released ones, at the point up to which a checkpoint reaches.</summary>
    public int[] BeginCheckpoint()
    {
        int[] released = [.. _released];
        _released.Clear();
        return released;
    }

    /// <summary>The checkpoint is whole: what was released before it may be given out.</summary>
    public void CompleteCheckpoint(int[] released)
    {
        foreach (var ordinal in released)
            _free.Enqueue(ordinal);
    }

    /// <summary>The checkpoint did not come about: the next one frees them.</summary>
    public void AbandonCheckpoint(int[] released) => _released.AddRange(released);

    /// <summary>A replay or a repair met the ordinal.</summary>
    public void Observe(int ordinal)
    {
        if (ordinal >= _next)
            Volatile.Write(ref _next, ordinal + 1);
    }

    /// <summary>
    /// At the end of an opening: whatever holds no record is free, but what the opening itself took out of the views only after the next
    /// whole checkpoint.
    /// </summary>
    public void FreeAllBut(LiveSnapshot live, IReadOnlySet<int> removed)
    {
        _free.Clear();
        _released.Clear();
        for (var ordinal = 0; ordinal < _next; ordinal++)
        {
            if (!live.Contains(ordinal) && !removed.Contains(ordinal))
                _free.Enqueue(ordinal);
        }

        _released.AddRange(removed.Where(ordinal => !live.Contains(ordinal)));
    }
}
