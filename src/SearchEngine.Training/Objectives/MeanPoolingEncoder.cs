using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training;

/// <summary>
/// Embeds tokenized texts with a decoder under training: packed without padding, bidirectional, mean over the tokens. Gradients flow where
/// they are enabled.
/// Not thread-safe.
/// </summary>
internal sealed class MeanPoolingEncoder(DecoderModel model)
{
    /// <summary>The id that stands for an empty text, which has no state to pool: the unknown token of SentencePiece.</summary>
    private const int EmptyTextToken = 0;

    public DecoderModel Model { get; } = model;

    /// <summary>Embeds texts in the order given: (texts, hidden), not normalised, float32.</summary>
    public Tensor Embed(IReadOnlyList<int[]> texts)
    {
        using var scope = NewDisposeScope();
        // Texts of one length lie side by side, so that attention takes them at once.
        var order = Enumerable.Range(0, texts.Count).OrderBy(i => texts[i].Length).ThenBy(i => i).ToArray();
        var lengths = order.Select(i => Math.Max(1, texts[i].Length)).ToArray();
        var ids = new long[lengths.Sum()];
        var at = 0;
        foreach (var i in order)
        {
            if (texts[i].Length == 0)
                ids[at++] = EmptyTextToken;
            foreach (var id in texts[i])
                ids[at++] = id;
        }

        var layout = SequenceLayout.Packed(lengths);
        var blocks = Model.Blocks(layout);
        var hidden = Model.Forward(DeviceTransfer.Upload(ids, Model.Device), layout, causal: false, blocks).to(ScalarType.Float32); // (tokens, hidden)
        var pooled = new List<Tensor>(blocks.Count);
        var rows = AttentionBlock.Split(blocks, hidden);
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            var states = block.Spread(rows[i]).view(block.Group.Count, block.Group.Length, hidden.shape[1]);
            pooled.Add(
                block.KeyMask is { } real
                    ? states.sum(1).div(real.sum(1, keepdim: true)) // padding is zero
                    : states.mean([1])
            );
        }

        var back = new long[order.Length];
        for (var i = 0; i < order.Length; i++)
            back[order[i]] = i;
        return cat(pooled, 0).index_select(0, DeviceTransfer.Upload(back, Model.Device)).MoveToOuterDisposeScope();
    }
}
