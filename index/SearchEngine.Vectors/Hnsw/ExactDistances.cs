using System.Numerics;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// The full-precision distances that a search has computed, by node: a block of hits compares much of what the block before it compared, and
/// reading a vector costs more than all else about a candidate. Open addressing; emptied by a new stamp. For one search at a time.
/// </summary>
internal sealed class ExactDistances
{
    private const int LeastSlots = 256;

    private int[] _nodes = [];
    private int[] _stamps = [];
    private float[] _distances = [];
    private int _stamp;
    private int _held;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _held = 0;
        if (++_stamp > 0)
            return;
        Array.Clear(_stamps);
        _stamp = 1;
    }

    /// <summary>The distance of a node, where it is known.</summary>
    public bool TryGet(int node, out float distance)
    {
        distance = 0;
        if (_nodes.Length == 0)
            return false;
        var slot = SlotOf(node);
        if (_stamps[slot] != _stamp)
            return false;
        distance = _distances[slot];
        return true;
    }

    /// <summary>Notes a distance.</summary>
    public void Add(int node, float distance)
    {
        if (2 * (_held + 1) > _nodes.Length)
            Grow();
        var slot = SlotOf(node);
        if (_stamps[slot] != _stamp)
            _held++;
        (_nodes[slot], _distances[slot], _stamps[slot]) = (node, distance, _stamp);
    }

    /// <summary>The node's slot, or the free one where it would be.</summary>
    private int SlotOf(int node)
    {
        var mask = _nodes.Length - 1;
        var slot = (int)((uint)node * 2654435769u >> BitOperations.LeadingZeroCount((uint)mask));
        while (_stamps[slot] == _stamp && _nodes[slot] != node)
            slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        var (nodes, stamps, distances) = (_nodes, _stamps, _distances);
        var slots = Math.Max(LeastSlots, 2 * nodes.Length);
        (_nodes, _stamps, _distances) = (new int[slots], new int[slots], new float[slots]);
        var before = _stamp;
        (_stamp, _held) = (1, 0);
        for (var i = 0; i < nodes.Length; i++)
        {
            if (stamps[i] == before)
                Add(nodes[i], distances[i]);
        }
    }
}
