namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Scratch objects for concurrent calls: taken and given back by one exchange each. Also the gate of disposal: whoever disposes takes every
/// scratch back first, so native memory is never freed under a running call.
/// </summary>
internal sealed class ScratchPool(Func<SearchScratch> create, string owner)
{
    private readonly SearchScratch?[] _slots = new SearchScratch?[128];
    private readonly List<SearchScratch> _all = [];
    private volatile bool _closed;
    private readonly Lock _pausing = new();
    private volatile bool _paused;

    public SearchScratch Rent()
    {
        var start = Environment.CurrentManagedThreadId * 7;
        var spin = new SpinWait();
        while (true)
        {
            while (_paused)
                spin.SpinOnce();
            for (var i = 0; i < _slots.Length; i++)
            {
                ref var slot = ref _slots[(start + i) & 127];
                var taken = slot == null ? null : Interlocked.Exchange(ref slot, null);
                if (taken == null)
                    continue;
                if (!_closed && !_paused)
                    return taken;
                Return(taken);
                ObjectDisposedException.ThrowIf(_closed, owner);
                break;
            }
            lock (_all)
            {
                ObjectDisposedException.ThrowIf(_closed, owner);
                if (_paused)
                    continue;
                var scratch = create();
                _all.Add(scratch);
                return scratch;
            }
        }
    }

    /// <summary>Holds new calls up, waits for running ones, and runs <paramref name="body"/> alone.</summary>
    public void RunAlone(Action body)
    {
        lock (_pausing)
        {
            var held = new List<SearchScratch>();
            lock (_all)
            {
                ObjectDisposedException.ThrowIf(_closed, owner);
                _paused = true;
            }
            try
            {
                var spin = new SpinWait();
                while (true)
                {
                    for (var i = 0; i < _slots.Length; i++)
                    {
                        if (Interlocked.Exchange(ref _slots[i], null) is SearchScratch taken)
                            held.Add(taken);
                    }
                    lock (_all)
                    {
                        if (_all.Count == held.Count)
                            break;
                    }
                    spin.SpinOnce();
                }
                body();
            }
            finally
            {
                foreach (var scratch in held)
                    Return(scratch);
                _paused = false;
            }
        }
    }

    public void Return(SearchScratch scratch)
    {
        var start = Environment.CurrentManagedThreadId * 7;
        for (var i = 0; i < _slots.Length; i++)
        {
            ref var slot = ref _slots[(start + i) & 127];
            if (slot == null && Interlocked.CompareExchange(ref slot, scratch, null) == null)
                return;
        }
        lock (_all)
            _all.Remove(scratch);
        scratch.Dispose();
    }

    /// <summary>Waits until no insert that began before <paramref name="epoch"/> runs any more.</summary>
    public void WaitForInsertsBefore(long epoch)
    {
        foreach (var scratch in All())
            Wait(ref scratch.InsertEpoch, epoch);
    }

    /// <summary>Waits until no search that began before <paramref name="epoch"/> runs any more.</summary>
    public void WaitForSearchesBefore(long epoch)
    {
        foreach (var scratch in All())
            Wait(ref scratch.SearchEpoch, epoch);
    }

    private SearchScratch[] All()
    {
        lock (_all)
            return [.. _all];
    }

    private static void Wait(ref long field, long epoch)
    {
        var spin = new SpinWait();
        long began;
        while ((began = Volatile.Read(ref field)) != 0 && began < epoch)
            spin.SpinOnce();
    }

    /// <summary>Refuses new calls, waits for running ones and frees all scratch. False if it was closed before.</summary>
    public bool Close()
    {
        lock (_all)
        {
            if (_closed)
                return false;
            _closed = true;
        }
        var spin = new SpinWait();
        while (true)
        {
            for (var i = 0; i < _slots.Length; i++)
            {
                var taken = Interlocked.Exchange(ref _slots[i], null);
                if (taken == null)
                    continue;
                lock (_all)
                    _all.Remove(taken);
                taken.Dispose();
            }
            lock (_all)
            {
                if (_all.Count == 0)
                    return true;
            }
            spin.SpinOnce();
        }
    }
}
