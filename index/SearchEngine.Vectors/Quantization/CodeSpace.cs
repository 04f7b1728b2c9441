using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Quantization;

/// <summary>
/// A codec and the codes it made. When a quantizer is fitted again, a new space replaces the old one; searches that run keep the old one
/// until they end.
/// </summary>
internal sealed unsafe class CodeSpace(VectorCodec codec) : IDisposable
{
    /// <summary>Bytes of the correction terms of a row.</summary>
    public const int TermBytes = 2 * sizeof(float);

    public VectorCodec Codec { get; } = codec;

    public NativeTable Codes { get; } = new(codec.RowBytes);

    /// <summary>Correction terms; null when the codec has none.</summary>
    public NativeTable? Terms { get; } = codec.HasTerms ? new NativeTable(TermBytes) : null;

    public int BytesPerVector => Codes.Stride + (Terms?.Stride ?? 0);

    public void Ensure(int node)
    {
        Codes.Ensure(node);
        Terms?.Ensure(node);
    }

    public float* TermsOf(int node) => Terms == null ? null : (float*)Terms.Row(node);

    /// <summary>Moves the codes of node <paramref name="nodes"/>[i] to node i. Nothing else may run.</summary>
    public void Permute(int[] nodes)
    {
        Ensure(nodes.Length - 1);
        Codes.Permute(nodes);
        Terms?.Permute(nodes);
    }

    public void Dispose()
    {
        Codes.Dispose();
        Terms?.Dispose();
    }
}
