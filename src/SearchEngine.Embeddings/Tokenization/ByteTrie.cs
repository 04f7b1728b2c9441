using System.Numerics;

namespace SearchEngine.Embeddings;

/// <summary>
/// A trie over byte strings with a value per string: node 0 is the root, edges are in one open-addressing table. Built once, then
/// immutable and thread-safe.
/// </summary>
internal sealed class ByteTrie
{
    /// <summary>No node, or no value.</summary>
    public const int None = -1;

    private readonly int[] _root = new int[256];
    private long[] _edges;
    private int[] _values = new int[1024];
    private int _nodes = 1;

    /// <summary>Builds the trie; where a string comes twice, the first value stays.</summary>
    public ByteTrie(IEnumerable<(byte[] Key, int Value)> items)
    {
        Array.Fill(_root, None);
        Array.Fill(_values, None);
        _edges = NewEdges(1 << 12);
        foreach ((var key, var value) in items)
            Insert(key, value);
    }

    /// <summary>The node after <paramref name="label"/>, or <see cref="None"/>.</summary>
    public int Step(int node, byte label)
    {
        if (node == 0)
            return _root[label];
        var edges = _edges;
        var key = ((long)node << 8) | label;
        var slot = Slot(key, edges.Length);
        while (true)
        {
            var edge = edges[slot];
            if (edge == 0)
                return None;
            if (edge >> 27 == key)
                return (int)(edge & NodeMask);
            slot = (slot + 1) & (edges.Length - 1);
        }
    }

    /// <summary>The value of the string that ends in <paramref name="node"/>, or <see cref="None"/>.</summary>
    public int Value(int node) => _values[node];

    /// <summary>
    /// The longest string of the trie at the start of <paramref name="text"/>: its value, or <see cref="None"/>, and its length.
    /// </summary>
    public int LongestPrefix(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        var value = None;
        var node = 0;
        for (var i = 0; i < text.Length; i++)
        {
            node = Step(node, text[i]);
            if (node == None)
                break;
            if (_values[node] != None)
            {
                value = _values[node];
                length = i + 1;
            }
        }
        return value;
    }

    /// <summary>An edge packs the parent (28 bits), the label (8) and the child (27).</summary>
    private const long NodeMask = (1L << 27) - 1;

    private void Insert(byte[] key, int value)
    {
        if (key.Length == 0)
            return;
        var node = 0;
        foreach (var label in key)
        {
            var child = Step(node, label);
            if (child == None)
            {
                child = NewNode();
                if (node == 0)
                    _root[label] = child;
                else
                    AddEdge(((((long)node << 8) | label) << 27) | (long)child);
            }
            node = child;
        }
        if (_values[node] == None)
            _values[node] = value;
    }

    private int NewNode()
    {
        if (_nodes > NodeMask)
            throw new InvalidDataException("The vocabulary is too large for its trie.");
        if (_nodes == _values.Length)
        {
            Array.Resize(ref _values, _nodes * 2);
            _values.AsSpan(_nodes).Fill(None);
        }
        if (_nodes * 2 > _edges.Length)
        {
            var old = _edges;
            _edges = NewEdges(old.Length * 2);
            foreach (var edge in old)
            {
                if (edge != 0)
                    AddEdge(edge);
            }
        }
        return _nodes++;
    }

    private static long[] NewEdges(int size) => new long[BitOperations.RoundUpToPowerOf2((uint)size)];

    private void AddEdge(long edge)
    {
        var slot = Slot(edge >> 27, _edges.Length);
        while (_edges[slot] != 0)
            slot = (slot + 1) & (_edges.Length - 1);
        _edges[slot] = edge;
    }

    private static int Slot(long key, int size) => (int)(((ulong)key * 0x9E3779B97F4A7C15UL) >> 32) & (size - 1);
}
