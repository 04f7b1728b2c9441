using Lucene.Net.Search;
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
        return Read(searcher => Corrector(searcher).Correct(text));
    }

    /// <summary>The words of a text that <see cref="Correct"/> would look for others for: they match nothing in the index.</summary>
    public IReadOnlyList<LexicalWord> UnknownWords(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ThrowIfDisposed();
        return Read(searcher => (IReadOnlyList<LexicalWord>)[.. Corrector(searcher).Unknown(text)]);
    }

    /// <summary>The words of the index among which <see cref="LexicalSpelling.Nearest"/> chooses, in no particular order.</summary>
    public IReadOnlyList<LexicalWordCount> Neighbors(string word)
    {
        ArgumentException.ThrowIfNullOrEmpty(word);
        ThrowIfDisposed();
        return Read(searcher => (IReadOnlyList<LexicalWordCount>)[.. Corrector(searcher).Neighbors(word)]);
    }

    /// <summary>What <see cref="Suggest"/> chooses among; null where there is nothing to complete.</summary>
    /// <param name="text">What has been typed.</param>
    /// <param name="limit">Most words, 1 or more.</param>
    public LexicalCompletions? Completions(string text, int limit)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ThrowIfDisposed();
        return Read(searcher => new Completer(searcher.IndexReader).Candidates(text, limit));
    }

    /// <summary>How many documents have all of some words (0 without words), and in how many of those each of others is.</summary>
    public (long Documents, IReadOnlyList<long> Counts) CountTogether(IReadOnlyList<string> words, IReadOnlyList<string> others)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentNullException.ThrowIfNull(others);
        ThrowIfDisposed();
        return Read(searcher => new Completer(searcher.IndexReader).Together(words, others));
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

    private SpellingCorrector Corrector(IndexSearcher searcher) =>
        new(searcher.IndexReader, new ClauseReader(_analyzer, _synonyms), FullText());
}
