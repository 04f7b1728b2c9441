namespace SearchEngine.Lexical;

/// <summary>A corrected word.</summary>
/// <param name="Start">Where it stands in the given text, in UTF-16 code units.</param>
/// <param name="Written">As it was written.</param>
/// <param name="Corrected">The word of the index that takes its place.</param>
public readonly record struct LexicalWordCorrection(int Start, string Written, string Corrected);
