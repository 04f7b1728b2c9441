namespace SearchEngine;

/// <summary>What was searched for in place of words that match nothing.</summary>
/// <param name="Text">The corrected query.</param>
/// <param name="Words">The words that were replaced, in order.</param>
public sealed record SpellingCorrection(string Text, IReadOnlyList<CorrectedWord> Words);
