using System.Numerics.Tensors;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// Attention of an encoder over packed texts: every token sees its whole text, or the tokens at most a distance away. Scores are computed
/// for a block of queries at a time, so that memory is linear in a text's length. The scratch memory is one thread's.
/// </summary>
internal sealed unsafe class CpuAttention : IDisposable
{
    /// <summary>Queries whose scores are held at once: enough rows for the matrix kernels, few enough to stay in a core's cache.</summary>
    private const int BlockRows = 64;

    private readonly AlignedBuffer _keys = new();
    private readonly AlignedBuffer _values = new();
    private readonly AlignedBuffer _scores = new();

    /// <summary>Attention of every text of a batch.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="heads">Heads; as many for keys and values as for queries.</param>
    /// <param name="size">Elements of a head.</param>
    /// <param name="reach">The largest distance at which tokens see each other; <see cref="int.MaxValue"/> for all.</param>
    /// <param name="fused">(tokens, 3·heads·size): queries with the scale in them, keys, values</param>
    /// <param name="stride">Elements from row to row of it.</param>
    /// <param name="attended">(tokens, heads·size)</param>
    /// <param name="attendedStride">Elements from row to row of it.</param>
    public void Apply(
        ReadOnlySpan<EncoderInput> batch,
        int heads,
        int size,
        int reach,
        float* fused,
        int stride,
        float* attended,
        int attendedStride
    )
    {
        foreach (var input in batch)
        {
            var length = input.Ids.Length;
            for (var head = 0; head < heads; head++)
            {
                var queries = fused + head * size;
                if (reach >= length)
                    Pack(queries, heads, size, stride, 0, length);
                for (var row = 0; row < length; row += BlockRows)
                {
                    Block(
                        queries,
                        heads,
                        size,
                        stride,
                        row,
                        Math.Min(BlockRows, length - row),
                        length,
                        reach,
                        attended + head * size,
                        attendedStride
                    );
                }
            }
            fused += (nint)length * stride;
            attended += (nint)length * attendedStride;
        }
    }

    /// <summary>Some queries of one head of one text.</summary>
    private void Block(
        float* queries,
        int heads,
        int size,
        int stride,
        int row,
        int rows,
        int length,
        int reach,
        float* attended,
        int attendedStride
    )
    {
        int from = 0,
            to = length;
        if (reach < length)
        {
            (from, to) = (Math.Max(0, row - reach), (int)Math.Min(length, (long)row + rows + reach));
            Pack(queries, heads, size, stride, from, to);
        }
        int keys = to - from,
            scoreStride = PackedPanels.Stride(keys);
        var scores = _scores.Reserve((nint)BlockRows * scoreStride);
        PackedPanels.Multiply(queries + (nint)row * stride, stride, rows, _keys.Start, size, keys, scores, scoreStride, accumulate: false);
        var shares = stackalloc float[BlockRows];
        for (var i = 0; i < rows; i++)
        {
            var weights = scores + (nint)i * scoreStride;
            var first = reach < length ? Math.Max(from, row + i - reach) : from;
            var last = reach < length ? Math.Min(to, row + i + reach + 1) : to;
            shares[i] = CpuElementwise.ExpShifted(weights + (first - from), last - first);
            new Span<float>(weights, first - from).Clear();
            new Span<float>(weights + (last - from), to - last).Clear();
        }
        var target = attended + (nint)row * attendedStride;
        PackedPanels.Multiply(scores, scoreStride, rows, _values.Start, keys, size, target, attendedStride, accumulate: false);
        for (var i = 0; i < rows; i++)
        {
            Span<float> output = new(target + (nint)i * attendedStride, size);
            TensorPrimitives.Multiply(output, shares[i], output);
        }
    }

    /// <summary>Keys and values of one head, tokens <paramref name="from"/> to before <paramref name="to"/>.</summary>
    private void Pack(float* queries, int heads, int size, int stride, int from, int to)
    {
        var count = to - from;
        var keys = queries + (nint)from * stride + heads * size;
        PackedPanels.PackTransposed(keys, stride, size, count, _keys.Reserve(PackedPanels.Size(size, count)));
        PackedPanels.Pack(keys + heads * size, stride, count, size, _values.Reserve(PackedPanels.Size(count, size)));
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
        _scores.Dispose();
    }
}
