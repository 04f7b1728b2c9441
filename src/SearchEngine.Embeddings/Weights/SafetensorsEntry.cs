namespace SearchEngine.Embeddings;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">The tensor's name in the checkpoint.</param>
/// <param name="DataType">The element type.</param>
/// <param name="Shape">The extents, outermost first; empty for a scalar.</param>
/// <param name="Offset">Where the elements begin, in bytes from the start of the file.</param>
/// <param name="Length">How many bytes the elements take: product of the shape times the element size.</param>
internal record SafetensorsEntry(string Name, SafetensorsDataType DataType, long[] Shape, long Offset, long Length)
{
    /// <summary>The number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Type and shape for messages, for example "F32[32, 64]".</summary>
    public virtual string Describe() => $"{DataType.FormatName()}[{string.Join(", ", Shape)}]";
}
