namespace SearchEngine.Lexical;

/// <summary>A word of the index.</summary>
/// <param name="Word">The word.</param>
/// <param name="Documents">In how many documents it is.</param>
public readonly record struct LexicalWordCount(string Word, long Documents);
