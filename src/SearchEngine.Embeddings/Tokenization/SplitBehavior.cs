namespace SearchEngine.Embeddings;

/// <summary>What becomes of the matches of a pattern (the names are those of tokenizer.json).</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}
