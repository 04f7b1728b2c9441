namespace SearchEngine.Lexical;

/// <summary>The part of a text that matches a query best.</summary>
/// <param name="Text">The part, cut at word borders, as it stands in the source.</param>
/// <param name="Start">Where it starts in the source, in UTF-16 code units.</param>
/// <param name="IsCutBefore">Whether text was left out before it.</param>
/// <param name="IsCutAfter">Whether text was left out after it.</param>
/// <param name="Matches">Matched words in <paramref name="Text"/>, ascending, not overlapping; empty if nothing matches.</param>
public sealed record LexicalSnippet(string Text, int Start, bool IsCutBefore, bool IsCutAfter, IReadOnlyList<LexicalSpan> Matches);

/// <summary>A matched word: offset in the snippet's text and length, in UTF-16 code units.</summary>
/// <param name="Start">Offset.</param>
/// <param name="Length">Length, at least 1.</param>
public readonly record struct LexicalSpan(int Start, int Length);
