namespace SearchEngine.Embeddings;

/// <summary>The CPU, or one CUDA device.</summary>
/// <param name="IsCuda">False for the CPU.</param>
/// <param name="Index">The CUDA device's number; 0 for the CPU.</param>
internal readonly record struct ComputeDevice(bool IsCuda, int Index);
