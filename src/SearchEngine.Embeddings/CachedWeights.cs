namespace SearchEngine.Embeddings;

/// <summary>Weights of one model in the cache that <see cref="WeightCacheOptions"/> describes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Model">The name of the folder that they were made of; empty if the file cannot be read.</param>
/// <param name="Form">What they are for, such as "float32 avx512" or "int8"; empty if the file cannot be read.</param>
/// <param name="Bytes">The file's length.</param>
/// <param name="LastUsed">When a model was last loaded from it.</param>
public sealed record CachedWeights(string Path, string Model, string Form, long Bytes, DateTimeOffset LastUsed);
