namespace SearchEngine.Lexical;

/// <summary>A document found by <see cref="LexicalIndex.Search"/>.</summary>
/// <param name="Ordinal">The document's ordinal.</param>
/// <param name="Score">Its BM25 score, larger is better, always positive.</param>
public readonly record struct LexicalHit(int Ordinal, float Score);
