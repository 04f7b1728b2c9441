using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>A run of sequences of equal length inside a packed batch.</summary>
/// <param name="Count">Number of sequences.</param>
/// <param name="Length">Tokens of each.</param>
internal readonly record struct SequenceGroup(int Count, int Length);

/// <summary>
/// How sequences lie in a packed batch: one after the other without padding, all tokens in one row. Neighbours of equal length form a
/// group, which attention takes at once. Immutable.
/// </summary>
internal sealed class SequenceLayout
{
    private SequenceLayout(SequenceGroup[] groups)
    {
        Groups = groups;
        foreach (var group in groups)
        {
            Sequences += group.Count;
            Tokens += group.Count * group.Length;
            LongestSequence = Math.Max(LongestSequence, group.Length);
        }
    }

    /// <summary>The groups, in order.</summary>
    public IReadOnlyList<SequenceGroup> Groups { get; }

    /// <summary>Number of sequences.</summary>
    public int Sequences { get; }

    /// <summary>Number of tokens of all sequences.</summary>
    public int Tokens { get; }

    /// <summary>Tokens of the longest sequence.</summary>
    public int LongestSequence { get; }

    /// <summary>A batch of <paramref name="count"/> sequences of <paramref name="length"/> tokens each.</summary>
    public static SequenceLayout Uniform(int count, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return new SequenceLayout([new SequenceGroup(count, length)]);
    }

    /// <summary>Sequences of the given lengths, in this order; sort by length first to get few groups.</summary>
    public static SequenceLayout Packed(ReadOnlySpan<int> lengths)
    {
        if (lengths.IsEmpty)
            throw new ArgumentException("A batch needs at least one sequence.", nameof(lengths));
        List<SequenceGroup> groups = [];
        foreach (var length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
            if (groups.Count > 0 && groups[^1].Length == length)
                groups[^1] = groups[^1] with { Count = groups[^1].Count + 1 };
            else
                groups.Add(new SequenceGroup(1, length));
        }
        return new SequenceLayout([.. groups]);
    }

    /// <summary>The position of every token in its sequence, (tokens) of int64.</summary>
    public Tensor Positions(Device device)
    {
        var positions = new long[Tokens];
        var at = 0;
        foreach (var group in Groups)
        {
            for (var i = 0; i < group.Count; i++)
            {
                for (var t = 0; t < group.Length; t++)
                    positions[at++] = t;
            }
        }
        return DeviceTransfer.Upload(positions, device);
    }
}
