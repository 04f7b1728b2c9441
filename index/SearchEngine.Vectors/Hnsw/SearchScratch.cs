using SearchEngine.Vectors.Memory;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>Everything one search or insert works in, allocated once and pooled.</summary>
internal sealed unsafe class SearchScratch : IDisposable
{
    // Long enough for the first vector to have arrived when the last is asked for.
    private const int MaxPending = 16;

    private readonly AlignedBuffer _memory;
    private AlignedBuffer _beams = new(64);
    private int _beamCapacity;
    private AlignedBuffer _pivotWork = new(64);
    private VisitedSet? _given;
    private ExactDistances? _exact;

    public SearchScratch(VectorCodec codec, int m)
    {
        var maxLinks = 2 * m;
        BatchCapacity = Math.Max(64, maxLinks + 8);
        VectorBytes = (codec.Dimension * sizeof(float) + 127) & ~63;
        var bytes =
            3L * VectorBytes
            + 2L * (codec.QueryBytes + 64)
            + BatchCapacity * (long)(2 * sizeof(int) + sizeof(float) + 4 * sizeof(nint))
            + 9L * 64
            + 3L * (maxLinks + 8) * (sizeof(int) + sizeof(float));
        _memory = new AlignedBuffer(bytes + 1024);
        var p = _memory.Pointer;
        Vector = (float*)Take(ref p, VectorBytes);
        Work = (float*)Take(ref p, VectorBytes);
        Other = (float*)Take(ref p, VectorBytes);
        Query = Take(ref p, codec.QueryBytes);
        PairQuery = Take(ref p, codec.QueryBytes);
        First = TakeBatch(ref p);
        Second = TakeBatch(ref p);
        Distances = (float*)Take(ref p, BatchCapacity * sizeof(float));
        Selected = (int*)Take(ref p, (maxLinks + 8) * sizeof(int));
        Linked = (int*)Take(ref p, (maxLinks + 8) * sizeof(int));
    }

    /// <summary>How many rows one batch of <see cref="Rows"/>, <see cref="Ids"/> and <see cref="Distances"/> holds.</summary>
    public int BatchCapacity { get; }

    public int VectorBytes { get; }

    /// <summary>The prepared query vector.</summary>
    public float* Vector { get; }

    public float* Work { get; }

    /// <summary>A vector read for re-ranking.</summary>
    public float* Other { get; }

    public byte* Query { get; }

    /// <summary>A code prepared as a query, for comparing codes with each other.</summary>
    public byte* PairQuery { get; }

    /// <summary>The nodes that are scored together.</summary>
    public NodeBatch First { get; }

    /// <summary>Those that come next, while the first are scored.</summary>
    public NodeBatch Second { get; }

    public byte** Rows => First.Rows;

    public float** Terms => First.Terms;

    public int* Ids => First.Ids;

    public float* Distances { get; }

    public int* Selected { get; }

    public int* Linked { get; }

    public VisitedSet Visited { get; } = new();

    /// <summary>The hits given by earlier blocks of a search, for the few that ask for more than one.</summary>
    public VisitedSet Given => _given ??= new VisitedSet();

    /// <summary>The full-precision distances that earlier blocks of a search computed, likewise.</summary>
    public ExactDistances Exact => _exact ??= new ExactDistances();

    /// <summary>Room for the first block of a search that wants fewer hits.</summary>
    public VectorHit[] FirstHits { get; } = new VectorHit[ResultBlocks.FirstHits];

    /// <summary>The codes this call works on.</summary>
    public CodeSpace Space { get; set; } = null!;

    /// <summary>Nodes at or above this are not followed: they came after this call began and may lie outside its tables.</summary>
    public int NodeLimit { get; private set; }

    /// <summary>Readies the visited set and the limit for a graph of so many slots.</summary>
    public void Begin(int slots)
    {
        Visited.Ensure(slots);
        NodeLimit = Math.Min(Visited.Capacity, Math.Min(Space.Codes.Capacity, Space.Terms?.Capacity ?? int.MaxValue));
    }

    /// <summary>Candidates of a scan, to be compared in full precision together.</summary>
    public PendingHit[] Pending { get; } = new PendingHit[MaxPending];

    /// <summary>The repair epoch in which a running insert began; 0 when none runs.</summary>
    public long InsertEpoch;

    /// <summary>The repair epoch in which a running search began; 0 when none runs.</summary>
    public long SearchEpoch;

    /// <summary>Memory to choose pivots in.</summary>
    public byte* PivotWork(int bytes)
    {
        if (bytes > _pivotWork.Length)
        {
            _pivotWork.Dispose();
            // Room for some more pivots: sets grow with the collection.
            _pivotWork = new AlignedBuffer(bytes + bytes / 2);
        }
        return _pivotWork.Pointer;
    }

    /// <summary>Memory for two beams and a sorted candidate list of at least <paramref name="capacity"/> entries each.</summary>
    public void EnsureBeams(int capacity)
    {
        if (capacity <= _beamCapacity)
            return;
        _beams.Dispose();
        _beamCapacity = Math.Max(256, (capacity + 63) & ~63);
        _beams = new AlignedBuffer(3L * (_beamCapacity + 8) * sizeof(ulong));
    }

    public Beam BeamOf(int which, int capacity) => BeamOf(which, capacity, capacity);

    public Beam BeamOf(int which, int width, int capacity) => new(Entries(which), width, capacity);

    public ulong* Entries(int which) => (ulong*)_beams.Pointer + (long)which * (_beamCapacity + 8);

    private NodeBatch TakeBatch(ref byte* p) =>
        new(
            (int*)Take(ref p, BatchCapacity * sizeof(int)),
            (byte**)Take(ref p, BatchCapacity * sizeof(nint)),
            (float**)Take(ref p, BatchCapacity * sizeof(nint))
        );

    private static byte* Take(ref byte* p, long bytes)
    {
        var taken = p;
        p += (bytes + 63) & ~63L;
        return taken;
    }

    public void Dispose()
    {
        _memory.Dispose();
        _beams.Dispose();
        _pivotWork.Dispose();
        Visited.Dispose();
        _given?.Dispose();
    }
}

/// <summary>A candidate of a scan.</summary>
/// <param name="Node">Its node.</param>
/// <param name="Estimate">The distance of its code.</param>
/// <param name="Bound">The least that its distance can be.</param>
internal readonly record struct PendingHit(int Node, float Estimate, float Bound);
