namespace SearchEngine.Lexical.Analysis;

/// <summary>A token of a text before it is lowered, folded and stemmed.</summary>
/// <param name="Text">The characters, without joiners that the token drops.</param>
/// <param name="Start">Where it starts in the text, in UTF-16 code units.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Increment">1 for the next position, 0 for the position of the token before.</param>
/// <param name="Type">One of <see cref="TokenTypes"/>.</param>
internal readonly record struct WordPiece(string Text, int Start, int End, int Increment, string Type);
