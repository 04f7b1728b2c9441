using System.Runtime.CompilerServices;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Nodes and links in native tables. A row of links is a fixed number of ids, ended by -1 when not full. Readers take no lock: an id
/// is read and written whole, so a row seen during a change mixes old and new links, all of them valid nodes. Writers of one row hold its
/// node's lock (striped).
/// Every node but the root has a parent, a node whose base row links to it. Pruning never drops the link from a parent to a child, so that
/// every node can be reached from the root, the entry, whatever the diversity heuristic thinks of it.
/// </summary>
internal sealed unsafe class HnswGraph : IDisposable
{
    public const int MaxLevel = 30;

    private readonly NativeTable _base;
    private readonly NativeTable _upper;
    private readonly NativeTable _meta = new(8);
    private readonly NativeTable _parents = new(sizeof(int));
    private readonly Lock _upperLock = new();
    private readonly Dictionary<int, Stack<int>> _freeUpper = [];
    private readonly double _levelFactor;
    private readonly int _seed;
    private int _upperUsed;
    private int _slots;
    private int _live;
    private int _removed;
    private long _entry = -1;

    public HnswGraph(int m, int seed)
    {
        M = m;
        BaseLinks = 2 * m;
        _base = new NativeTable((BaseLinks * sizeof(int) + 63) & ~63);
        _upper = new NativeTable(m * sizeof(int));
        _levelFactor = 1 / Math.Log(m);
        _seed = seed;
    }

    /// <summary>Links per node on the upper layers.</summary>
    public int M { get; }

    /// <summary>Links per node on the base layer.</summary>
    public int BaseLinks { get; }

    /// <summary>One more than the largest ordinal ever used.</summary>
    public int Slots => Volatile.Read(ref _slots);

    /// <summary>Nodes that searches can return.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>
    /// Nodes that are removed and not yet repaired. Counted before the state changes, so that no search takes the graph for whole.
    /// </summary>
    public int Removed => Volatile.Read(ref _removed);

    public void AddLive(int change) => Interlocked.Add(ref _live, change);

    public void AddRemoved(int change) => Interlocked.Add(ref _removed, change);

    /// <summary>Who may change a row.</summary>
    public NodeLocks Locks { get; } = new();

    /// <summary>Which nodes a save has to write.</summary>
    public UnsavedNodes Unsaved { get; } = new();

    /// <summary>Level in the upper half, node below; -1 when the graph is empty.</summary>
    public long Entry
    {
        get => Volatile.Read(ref _entry);
        set => Volatile.Write(ref _entry, value);
    }

    public int EntryNode => (int)Entry;

    public int EntryLevel => (int)(Entry >> 32);

    public long LinkBytes(int nodes) =>
        (long)nodes * (_base.Stride + _meta.Stride + _parents.Stride) + (long)Volatile.Read(ref _upperUsed) * _upper.Stride;

    /// <summary>The tables of an image, in its order.</summary>
    public NativeTable[] Tables => [_base, _upper, _meta, _parents];

    /// <summary>What the tables do not hold, at one moment.</summary>
    public GraphState CaptureState()
    {
        lock (_upperLock)
            return new GraphState(Slots, Entry, _upperUsed, _freeUpper.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray()));
    }

    /// <summary>Takes a state into an empty graph, before its tables are attached.</summary>
    public void TakeState(GraphState state, int live, int removed)
    {
        (_slots, _live, _removed, _entry, _upperUsed) = (state.Slots, live, removed, state.Entry, state.UpperUsed);
        foreach ((var level, var free) in state.FreeUpper)
            _freeUpper[level] = new Stack<int>(free);
        if (_slots > 0)
            Unsaved.Ensure(_slots - 1);
    }

    /// <summary>The table of states and levels, whose rows <see cref="StateOf"/> reads.</summary>
    public NativeTable States => _meta;

    /// <summary>The state in a row of <see cref="States"/>.</summary>
    public static NodeState StateOf(byte* row) => (NodeState)(*(int*)(row + 4) >> 8 & 0xFF);

    /// <summary>
    /// Makes a node of an image absent that another version is about to be read of. The upper rows that it names may be another node's by
    /// now: they stay unused until the graph is read from its store.
    /// </summary>
    public void Forget(int node)
    {
        Ensure(node);
        switch (State(node))
        {
            case NodeState.Live:
                AddLive(-1);
                break;
            case NodeState.Removed or NodeState.Dying:
                AddRemoved(-1);
                break;
        }
        SetParent(node, -1);
        *(long*)_meta.Row(node) = 0;
    }

    public int MaxLinks(int level) => level == 0 ? BaseLinks : M;

    public void Ensure(int node)
    {
        _base.Ensure(node);
        _meta.Ensure(node);
        _parents.Ensure(node);
        Unsaved.Ensure(node);
        int seen;
        while ((seen = Slots) <= node && Interlocked.CompareExchange(ref _slots, node + 1, seen) != seen) { }
    }

    /// <summary>
    /// The layer of an ordinal: geometric with ratio 1/M, a function of seed and ordinal only, so that it does not depend on threads.
    /// </summary>
    public int DrawLevel(int node)
    {
        var z = ((ulong)(uint)_seed << 32 | (uint)node) + 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        var u = ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        return Math.Min(MaxLevel, (int)(-Math.Log(1 - u) * _levelFactor));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NodeState State(int node) => (NodeState)(Volatile.Read(ref *(int*)(_meta.Row(node) + 4)) >> 8 & 0xFF);

    /// <summary>Whether there is such a node and searches may give it.</summary>
    public bool IsLive(int node) => (uint)node < (uint)Slots && State(node) == NodeState.Live;

    public int Level(int node) => Volatile.Read(ref *(int*)(_meta.Row(node) + 4)) & 0xFF;

    /// <summary>The node whose base row keeps a link to this one; the node itself for the root, -1 for a node that nothing holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Parent(int node) => Volatile.Read(ref *(int*)_parents.Row(node)) - 1;

    /// <summary>Makes a node the child of another, whose lock the caller holds; -1 leaves it without a parent.</summary>
    public void SetParent(int node, int parent) => Volatile.Write(ref *(int*)_parents.Row(node), parent + 1);

    /// <summary>Changes the state if it is <paramref name="from"/>.</summary>
    public bool TryChange(int node, NodeState from, NodeState to)
    {
        ref var word = ref *(int*)(_meta.Row(node) + 4);
        var seen = Volatile.Read(ref word);
        return (NodeState)(seen >> 8 & 0xFF) == from && Interlocked.CompareExchange(ref word, (seen & 0xFF) | (int)to << 8, seen) == seen;
    }

    /// <summary>Gives a pending node its level and empty rows.</summary>
    public void Allocate(int node, int level)
    {
        var meta = _meta.Row(node);
        if (level > 0)
        {
            lock (_upperLock)
            {
                int first;
                if (_freeUpper.TryGetValue(level, out var free) && free.Count > 0)
                {
                    first = free.Pop();
                }
                else
                {
                    first = _upperUsed;
                    _upper.Ensure(first + level - 1);
                    Volatile.Write(ref _upperUsed, first + level);
                }
                *(int*)meta = first;
            }
        }
        *(int*)(meta + 4) = level | (int)NodeState.Pending << 8;
        for (var l = 0; l <= level; l++)
            new Span<int>(Links(node, l), MaxLinks(l)).Fill(-1);
    }

    /// <summary>Returns an unlinked node's rows and makes it absent.</summary>
    public void Free(int node)
    {
        var meta = _meta.Row(node);
        var level = Level(node);
        new Span<int>(Links(node, 0), BaseLinks).Fill(-1);
        if (level > 0)
        {
            for (var l = 1; l <= level; l++)
                new Span<int>(Links(node, l), M).Fill(-1);
            lock (_upperLock)
            {
                if (!_freeUpper.TryGetValue(level, out var free))
                    _freeUpper[level] = free = new Stack<int>();
                free.Push(*(int*)meta);
            }
        }
        SetParent(node, -1);
        Volatile.Write(ref *(int*)(meta + 4), 0);
        Unsaved.Mark(node);
    }

    /// <summary>The row of links of a node on a level it has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Links(int node, int level) => level == 0 ? (int*)_base.Row(node) : (int*)_upper.Row(*(int*)_meta.Row(node) + level - 1);

    public int CountLinks(int* row, int level)
    {
        int max = MaxLinks(level),
            n = 0;
        while (n < max && row[n] >= 0)
            n++;
        return n;
    }

    /// <summary>Replaces a row. The caller holds the node's lock.</summary>
    public void Write(int node, int level, int* ids, int count)
    {
        var row = Links(node, level);
        var max = MaxLinks(level);
        for (var i = 0; i < count; i++)
            Volatile.Write(ref row[i], ids[i]);
        for (var i = count; i < max; i++)
            Volatile.Write(ref row[i], -1);
        Unsaved.Mark(node);
    }

    /// <summary>Renumbers the nodes: the rows of <paramref name="nodes"/>[i] become those of node i. Nothing else may run.</summary>
    public void Permute(int[] nodes)
    {
        var moved = new int[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
            moved[nodes[i]] = i;
        Unsaved.Permute(nodes);
        _base.Permute(nodes);
        _meta.Permute(nodes);
        _parents.Permute(nodes);
        for (var node = 0; node < nodes.Length; node++)
        {
            Renumber((int*)_base.Row(node), BaseLinks, moved);
            var parent = Parent(node);
            if (parent >= 0)
                SetParent(node, moved[parent]);
        }
        for (var row = 0; row < _upperUsed; row++)
            Renumber((int*)_upper.Row(row), M, moved);
        if (Entry >= 0)
            Entry = (long)EntryLevel << 32 | (uint)moved[EntryNode];
    }

    private static void Renumber(int* row, int max, int[] moved)
    {
        for (var i = 0; i < max && row[i] >= 0; i++)
            row[i] = moved[row[i]];
    }

    public void Dispose()
    {
        _base.Dispose();
        _upper.Dispose();
        _meta.Dispose();
        _parents.Dispose();
        Unsaved.Dispose();
        Locks.Dispose();
    }
}
