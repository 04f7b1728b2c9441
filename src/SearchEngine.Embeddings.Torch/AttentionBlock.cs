using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>
/// Sequences of a packed batch that attention takes at once: of one length as they lie, or of several lengths spread onto a grid of the
/// longest. On a GPU a launch costs more than the padding does, on a CPU the other way round. Its tensors belong to the current scope.
/// </summary>
/// <param name="Group">The sequences and their (longest) length.</param>
/// <param name="Tokens">Their tokens, without padding.</param>
/// <param name="Places">Where on the grid each token lies, (tokens) of int64; null where the tokens are the grid.</param>
/// <param name="KeyMask">(sequences, length), true at real tokens; null without padding.</param>
internal sealed record AttentionBlock(SequenceGroup Group, long Tokens, Tensor? Places, Tensor? KeyMask)
{
    /// <summary>Lengths that stand on one grid: up to half as long again as the shortest, and these.</summary>
    private const int Slack = 16;

    /// <summary>Keys in rows of this many, as the fast kernels of attention with a mask want them.</summary>
    private const int Alignment = 8;

    /// <summary>The blocks of a batch.</summary>
    /// <param name="layout">Its sequences, best sorted by length.</param>
    /// <param name="device">Where it is computed.</param>
    /// <param name="padded">Whether sequences of several lengths share a block.</param>
    public static IReadOnlyList<AttentionBlock> Of(SequenceLayout layout, Device device, bool padded)
    {
        var blocks = new List<AttentionBlock>();
        for (var first = 0; first < layout.Groups.Count; )
        {
            var end = padded ? EndOfBlock(layout.Groups, first) : first + 1;
            blocks.Add(Make(layout.Groups, first, end, device));
            first = end;
        }
        return blocks;
    }

    /// <summary>One grid given as such, with or without a mask of its padding.</summary>
    public static AttentionBlock Grid(SequenceLayout layout, Tensor? keyMask) => new(layout.Groups[0], layout.Tokens, null, keyMask);

    /// <summary>
    /// The rows of each block of a batch, (tokens, …). One call for all: the gradient of as many slices would be as many tensors of the
    /// whole batch's size.
    /// </summary>
    public static Tensor[] Split(IReadOnlyList<AttentionBlock> blocks, Tensor packed) =>
        blocks.Count == 1 ? [packed] : packed.split([.. blocks.Select(block => block.Tokens)], 0);

    /// <summary>What hides the padding from every query, (sequences, 1, 1, length); null without padding.</summary>
    public Tensor? Mask => KeyMask?.unsqueeze(1).unsqueeze(1);

    /// <summary>Block after block, and the tokens of all in a row again, (all tokens, …).</summary>
    /// <param name="blocks">The blocks of a batch.</param>
    /// <param name="attend">From a block and its number to its (sequences · length, …).</param>
    public static Tensor Attend(IReadOnlyList<AttentionBlock> blocks, Func<AttentionBlock, int, Tensor> attend)
    {
        Tensor[] outputs = [.. blocks.Select((block, i) => block.Collect(attend(block, i)))];
        return outputs.Length == 1 ? outputs[0] : cat(outputs, 0);
    }

    /// <summary>This block's rows on the grid: (tokens, …) to (sequences · length, …), zeros at padding.</summary>
    public Tensor Spread(Tensor rows)
    {
        if (Places is null)
            return rows;
        long[] shape = [(long)Group.Count * Group.Length, .. rows.shape[1..]];
        return zeros(shape, rows.dtype, rows.device).index_copy(0, Places, rows);
    }

    /// <summary>The rows of the grid that are tokens: (sequences · length, …) to (tokens, …).</summary>
    private Tensor Collect(Tensor grid) => Places is null ? grid : grid.index_select(0, Places);

    /// <summary>The same block whose tensors outlive the scope; to be given to <see cref="Release"/>.</summary>
    public AttentionBlock Keep() =>
        this with
        {
            Places = Places?.alias().DetachFromDisposeScope(),
            KeyMask = KeyMask?.alias().DetachFromDisposeScope(),
        };

    /// <summary>Disposes what <see cref="Keep"/> kept.</summary>
    public void Release()
    {
        Places?.Dispose();
        KeyMask?.Dispose();
    }

    private static int EndOfBlock(IReadOnlyList<SequenceGroup> groups, int first)
    {
        int shortest = groups[first].Length,
            longest = shortest;
        var end = first + 1;
        for (; end < groups.Count; end++)
        {
            shortest = Math.Min(shortest, groups[end].Length);
            longest = Math.Max(longest, groups[end].Length);
            if (longest > shortest + shortest / 2 + Slack)
                break;
        }
        return end;
    }

    private static AttentionBlock Make(IReadOnlyList<SequenceGroup> groups, int first, int end, Device device)
    {
        int count = 0,
            length = 0;
        var tokens = 0L;
        for (var i = first; i < end; i++)
        {
            count += groups[i].Count;
            length = Math.Max(length, groups[i].Length);
            tokens += (long)groups[i].Count * groups[i].Length;
        }
        if (end == first + 1)
            return new AttentionBlock(groups[first], tokens, null, null);
        length = (length + Alignment - 1) / Alignment * Alignment;
        var places = new long[tokens];
        var real = new float[(long)count * length];
        var at = 0;
        var row = 0L;
        for (var i = first; i < end; i++)
        {
            for (var sequence = 0; sequence < groups[i].Count; sequence++, row += length)
            {
                for (var t = 0; t < groups[i].Length; t++)
                {
                    places[at++] = row + t;
                    real[row + t] = 1;
                }
            }
        }
        return new AttentionBlock(
            new SequenceGroup(count, length),
            tokens,
            DeviceTransfer.Upload(places, device),
            DeviceTransfer.Upload(real, device).view(count, length).to(ScalarType.Bool)
        );
    }
}
