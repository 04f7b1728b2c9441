using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical;

public sealed partial class LexicalIndex
{
    /// <summary>Most suggestions that one call gives.</summary>
    public const int MaxSuggestions = 50;

    /// <summary>
    /// A text with the words put right that match nothing in the index, by the nearest words that it has (one edit, in words of seven
    /// letters
    /// and more two). Words that match, parts of compounds, words with digits and those of more than 64 letters stay as they are, and so do
    /// texts of more than a hundred words. Indexes of analyzers before the second
    /// version keep no words to correct with: their texts come back unchanged.
    /// </summary>
    /// <param name="text">The text as the user wrote it.</param>
    public LexicalCorrection Correct(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ThrowIfDisposed();
        var fields = new SearchedFields([.. _schema.Fields.Where(f => f.IsFullText)]);
        return Read(searcher => new SpellingCorrector(searcher.IndexReader, new ClauseReader(_analyzer, _synonyms), fields).Correct(text));
    }

    /// <summary>
    /// Ways to go on with a text whose last word is not finished: words of the index, the most frequent first among documents that have
    /// the words before. Empty behind a space, and in indexes of analyzers before the second version.
    /// </summary>
    /// <param name="text">What has been typed.</param>
    /// <param name="top">Most suggestions, 1 to <see cref="MaxSuggestions"/>.</param>
    public IReadOnlyList<LexicalSuggestion> Suggest(string text, int top = 8)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(top, MaxSuggestions);
        ThrowIfDisposed();
        return Read(searcher => new Completer(searcher.IndexReader).Complete(text, top));
    }
}
