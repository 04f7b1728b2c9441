namespace SearchEngine.Lexical;

/// <summary>A word of a text.</summary>
/// <param name="Start">Where it begins, in UTF-16 code units.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Text">The word as the index has words: lowered, composed.</param>
public readonly record struct LexicalWord(int Start, int End, string Text);
