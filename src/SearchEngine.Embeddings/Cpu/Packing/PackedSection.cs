namespace SearchEngine.Embeddings.Cpu.Packing;

/// <summary>A section of a file of packed weights.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Hash">Of every byte of it.</param>
internal sealed record PackedSection(string Name, long Bytes, string Hash);
