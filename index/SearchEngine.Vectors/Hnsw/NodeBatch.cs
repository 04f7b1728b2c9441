namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Nodes with the addresses of their codes and terms, as <see cref="Quantization.VectorCodec.Score"/> takes them. The arrays belong to a
/// scratch.
/// </summary>
internal readonly unsafe struct NodeBatch(int* ids, byte** rows, float** terms)
{
    public int* Ids { get; } = ids;

    public byte** Rows { get; } = rows;

    public float** Terms { get; } = terms;
}
