namespace SearchEngine.Lexical;

/// <summary>A text with words that the index does not know put right by words that it knows.</summary>
/// <param name="Text">The corrected text; the given one where nothing was changed.</param>
/// <param name="Words">What was changed, in order; empty where nothing was.</param>
public sealed record LexicalCorrection(string Text, IReadOnlyList<LexicalWordCorrection> Words);
