namespace SearchEngine.Embeddings;

/// <summary>One rule of a <see cref="MergeTable"/>.</summary>
internal readonly record struct MergeRule(int Left, int Right, int Rank, int Merged);
