namespace SearchEngine.Embeddings;

/// <summary>The numbers that weights and hidden states are made of.</summary>
internal enum ComputeType
{
    Float32,
    BFloat16,
    Float16,
}
