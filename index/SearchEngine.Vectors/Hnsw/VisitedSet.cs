using System.Runtime.CompilerServices;
using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Which nodes a search has met: one bit per node, so that it stays in the first cache levels (100,000 nodes are 12 KB), emptied by undoing
/// the words that were touched.
/// </summary>
internal sealed unsafe class VisitedSet : IDisposable
{
    private const int MaxTouched = 1 << 15;
    private readonly AlignedBuffer _touched = new(MaxTouched * sizeof(int));
    private AlignedBuffer _bits = new(64);
    private int _touchedCount;

    public VisitedSet()
    {
        Bits = (ulong*)_bits.Pointer;
    }

    public ulong* Bits { get; private set; }

    /// <summary>Nodes below this can be marked.</summary>
    public int Capacity { get; private set; }

    /// <summary>Makes room for nodes below <paramref name="capacity"/>. Call on an empty set.</summary>
    public void Ensure(int capacity)
    {
        if (capacity <= Capacity)
            return;
        var rounded = (int)Math.Min(int.MaxValue - 63, ((long)capacity + capacity / 4 + 1023) / 1024 * 1024);
        _bits.Dispose();
        _bits = new AlignedBuffer((long)rounded / 8 + 8);
        Bits = (ulong*)_bits.Pointer;
        Capacity = rounded;
    }

    /// <summary>Marks a node below <see cref="Capacity"/>; false if it was marked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(int id)
    {
        ref var word = ref Bits[(uint)id >> 6];
        var bit = 1UL << id;
        if ((word & bit) != 0)
            return false;
        word |= bit;
        Touch(id);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(int id)
    {
        var n = _touchedCount;
        ((int*)_touched.Pointer)[n & (MaxTouched - 1)] = id;
        _touchedCount = n + 1;
    }

    /// <summary>Empties the set.</summary>
    public void Clear()
    {
        if (_touchedCount > MaxTouched)
        {
            new Span<byte>(Bits, (int)Math.Min(int.MaxValue, _bits.Length)).Clear();
        }
        else
        {
            var touched = (int*)_touched.Pointer;
            for (var i = 0; i < _touchedCount; i++)
                Bits[(uint)touched[i] >> 6] = 0;
        }
        _touchedCount = 0;
    }

    public void Dispose()
    {
        _bits.Dispose();
        _touched.Dispose();
    }
}
