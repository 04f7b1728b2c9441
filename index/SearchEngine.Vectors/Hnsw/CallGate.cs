using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Lets calls in, each with a scratch and the codes that it works on, and lets maintenance wait for those that run: a repair for inserts
/// and searches
/// that may hold a dead node, an exchange of the codes for inserts that may write old ones, a renumbering and disposal for all.
/// Thread-safe.
/// </summary>
internal sealed class CallGate(CodeSpace space, int m)
{
    private readonly ScratchPool _scratch = new(() => new SearchScratch(space.Codec, m), nameof(HnswIndex));
    private volatile CodeSpace _space = space;
    private volatile bool _insertsHeld;
    private volatile bool _beyondCodes;
    private long _epoch = 1;

    /// <summary>The codes in use. Exchanged by a fit, under <see cref="Saving"/>, while inserts are held.</summary>
    public CodeSpace Space
    {
        get => _space;
        set => _space = value;
    }

    /// <summary>Whether a vector was ever added that the codes do not hold for: searches then compare all in full precision.</summary>
    public bool BeyondCodes
    {
        get => _beyondCodes;
        set => _beyondCodes = value;
    }

    /// <summary>Held while an image is written and while nodes are laid out anew. Taken before <see cref="Maintenance"/>.</summary>
    public Lock Imaging { get; } = new();

    /// <summary>Held by a repair, by a fit, by a save, and by an insert into a removed node's place.</summary>
    public Lock Maintenance { get; } = new();

    /// <summary>Held by a save, and by a fit while it exchanges the codes.</summary>
    public Lock Saving { get; } = new();

    /// <summary>A scratch for one call, which gives it back.</summary>
    /// <exception cref="ObjectDisposedException">The gate is closed.</exception>
    public SearchScratch Rent()
    {
        var scratch = _scratch.Rent();
        scratch.Space = _space;
        return scratch;
    }

    public void Return(SearchScratch scratch)
    {
        scratch.Visited.Clear();
        scratch.Space = null!;
        _scratch.Return(scratch);
    }

    /// <summary>Lets an insert in, with the codes in use now; waits while inserts are held.</summary>
    public void EnterInsert(SearchScratch scratch)
    {
        var spin = new SpinWait();
        while (true)
        {
            Volatile.Write(ref scratch.InsertEpoch, Volatile.Read(ref _epoch));
            Thread.MemoryBarrier();
            if (!_insertsHeld)
            {
                scratch.Space = _space;
                return;
            }
            Volatile.Write(ref scratch.InsertEpoch, 0);
            spin.SpinOnce();
        }
    }

    public static void LeaveInsert(SearchScratch scratch) => Volatile.Write(ref scratch.InsertEpoch, 0);

    public void EnterSearch(SearchScratch scratch) => Interlocked.Exchange(ref scratch.SearchEpoch, Volatile.Read(ref _epoch));

    public static void LeaveSearch(SearchScratch scratch) => Volatile.Write(ref scratch.SearchEpoch, 0);

    /// <summary>Holds inserts up and waits for those that run.</summary>
    public void HoldInserts()
    {
        _insertsHeld = true;
        Thread.MemoryBarrier();
        WaitForInserts();
    }

    /// <summary>Ends <see cref="HoldInserts"/>.</summary>
    public void AdmitInserts() => _insertsHeld = false;

    /// <summary>Waits for the inserts that run now; later ones go on.</summary>
    public void WaitForInserts() => _scratch.WaitForInsertsBefore(Interlocked.Increment(ref _epoch));

    /// <summary>Waits for the inserts and searches that run now; later ones go on.</summary>
    public void WaitForCalls()
    {
        var epoch = Interlocked.Increment(ref _epoch);
        _scratch.WaitForInsertsBefore(epoch);
        _scratch.WaitForSearchesBefore(epoch);
    }

    /// <summary>Holds new calls up, waits for running ones, and runs <paramref name="body"/> alone.</summary>
    public void RunAlone(Action body) => _scratch.RunAlone(body);

    /// <summary>Refuses new calls, waits for running ones and frees all scratch and the codes. False if it was closed before.</summary>
    public bool Close()
    {
        if (!_scratch.Close())
            return false;
        _space.Dispose();
        return true;
    }
}
