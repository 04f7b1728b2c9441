namespace SearchEngine.Lexical;

/// <summary>A text with words that the index does not know put right by words that it knows.</summary>
/// <param name="Text">The corrected text; the given one where nothing was changed.</param>
/// <param name="Words">What was changed, in order; empty where nothing was.</param>
public sealed record LexicalCorrection(string Text, IReadOnlyList<LexicalWordCorrection> Words);

/// <summary>A corrected word.</summary>
/// <param name="Start">Where it stands in the given text, in UTF-16 code units.</param>
/// <param name="Written">As it was written.</param>
/// <param name="Corrected">The word of the index that takes its place.</param>
public readonly record struct LexicalWordCorrection(int Start, string Written, string Corrected);
