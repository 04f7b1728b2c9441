namespace SearchEngine.Embeddings.Weights;

/// <summary>How a quantized weight's elements lie in its file.</summary>
internal enum QuantizedForm
{
    /// <summary>A map's eight bits, in the order in which the kernels read them.</summary>
    Int8Panels,

    /// <summary>A token table's eight bits, row after row.</summary>
    Int8Rows,

    /// <summary>Four bits, row after row, and a multiplier for each group of a row.</summary>
    Int4,
}
