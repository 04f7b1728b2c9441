using System.Numerics;

namespace SearchEngine.Embeddings;

/// <summary>
/// The merge rules of a byte-pair encoding: a pair of neighbouring symbols, the symbol they become, and the rank that orders the rules
/// (smaller first). An open-addressing table of sixteen-byte entries; immutable, so thread-safe.
/// </summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge.</summary>
    public const int NoRank = int.MaxValue;

    private const ulong EmptyKey = ulong.MaxValue;

    private readonly Entry[] _entries;
    private readonly int _shift;

    /// <summary>Builds the table; where a pair comes twice, the smaller rank stays.</summary>
    public MergeTable(IReadOnlyCollection<MergeRule> rules)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, rules.Count * 2));
        _shift = 64 - BitOperations.Log2((uint)size);
        _entries = new Entry[size];
        Array.Fill(_entries, new Entry(EmptyKey, NoRank, -1));
        foreach (var rule in rules)
        {
            var key = Key(rule.Left, rule.Right);
            var slot = Slot(key);
            while (_entries[slot].Key != EmptyKey && _entries[slot].Key != key)
                slot = (slot + 1) & (size - 1);
            if (_entries[slot].Key == EmptyKey || rule.Rank < _entries[slot].Rank)
                _entries[slot] = new Entry(key, rule.Rank, rule.Merged);
        }
    }

    /// <summary>The rank of the pair, or <see cref="NoRank"/>, and the symbol it becomes.</summary>
    public int Rank(int left, int right, out int merged)
    {
        var key = Key(left, right);
        var entries = _entries;
        var slot = Slot(key);
        while (true)
        {
            ref readonly var entry = ref entries[slot];
            if (entry.Key == key)
            {
                merged = entry.Merged;
                return entry.Rank;
            }
            if (entry.Key == EmptyKey)
            {
                merged = -1;
                return NoRank;
            }
            slot = (slot + 1) & (entries.Length - 1);
        }
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong key) => (int)((key * 0x9E3779B97F4A7C15UL) >> _shift);

    private readonly record struct Entry(ulong Key, int Rank, int Merged);
}
