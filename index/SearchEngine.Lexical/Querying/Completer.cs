using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;
using Lucene.Net.Util.Automaton;
using SearchEngine.Lexical.Analysis;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>
/// Completes the last word of a text from the words of the index: the most frequent first, among documents that have the words before it.
/// </summary>
internal sealed class Completer(IndexReader reader)
{
    /// <summary>The most frequent completions that are looked at together with the words before them.</summary>
    internal const int MaxCandidates = 64;

    /// <summary>Beginnings of this length that nothing begins with may have one mistake.</summary>
    private const int MinLengthOfMistakes = 5;

    internal IReadOnlyList<LexicalSuggestion> Complete(string text, int top)
    {
        if (Candidates(text, MaxCandidates) is not { } found)
            return [];
        var (documents, counts) = Together(found.Before, [.. found.Candidates.Select(candidate => candidate.Word)]);
        return found.Suggest(text, documents > 0 ? counts : null, top);
    }

    /// <summary>The most frequent words that the last one may become, and those before it; null where there is nothing to complete.</summary>
    internal LexicalCompletions? Candidates(string text, int limit)
    {
        var pieces = WordScanner.Scan(text).FindAll(p => !TokenTypes.HasParts(p.Type));
        if (pieces.Count == 0 || pieces[^1].End != text.Length || MultiFields.GetTerms(reader, FieldNames.Words) is not { } terms)
            return null;
        var last = pieces[^1];
        var prefix = WordSet.Normalize(last.Text);
        var (words, isCut) = StartingWith(terms, prefix, limit);
        var areNear = words.Length == 0;
        if (areNear && prefix.Length is >= MinLengthOfMistakes and <= SpellingCorrector.MaxLength)
            (words, isCut) = StartingNear(terms, prefix, limit);
        var before = pieces[..^1].Select(piece => WordSet.Normalize(piece.Text)).Distinct(StringComparer.Ordinal).Where(IsKnown);
        return new LexicalCompletions(last.Start, words, areNear, isCut, [.. before]);
    }

    /// <summary>How many documents have all of some words, and how many of those each of others; 0 documents without words.</summary>
    internal (long Documents, long[] Counts) Together(IReadOnlyList<string> words, IReadOnlyList<string> others)
    {
        var counts = new long[others.Count];
        if (Documents(words) is not { } documents || documents.Cardinality is var found && found == 0)
            return (0, counts);
        for (var i = 0; i < counts.Length; i++)
            counts[i] = CountIn(others[i], documents);
        return (found, counts);
    }

    private bool IsKnown(string word) => reader.DocFreq(new Term(FieldNames.Words, word)) > 0;

    private static (LexicalWordCount[] Words, bool IsCut) StartingWith(Terms terms, string prefix, int limit)
    {
        var start = new BytesRef(prefix);
        var found = terms.GetEnumerator();
        var best = new MostFrequent(limit);
        if (found.SeekCeil(start) == TermsEnum.SeekStatus.END)
            return ([], false);
        do
        {
            if (!StringHelper.StartsWith(found.Term, start))
                break;
            best.Offer(found);
        } while (found.MoveNext());
        return best.Take();
    }

    private static (LexicalWordCount[] Words, bool IsCut) StartingNear(Terms terms, string prefix, int limit)
    {
        var near = new LevenshteinAutomata(prefix, withTranspositions: true).ToAutomaton(1);
        var automaton = new CompiledAutomaton(BasicOperations.Concatenate(near, BasicAutomata.MakeAnyString()));
        var found = automaton.GetTermsEnum(terms);
        var best = new MostFrequent(limit);
        while (found.MoveNext())
            best.Offer(found);
        return best.Take();
    }

    /// <summary>The documents, by number over the whole reader, that have all words; null without words.</summary>
    private FixedBitSet? Documents(IReadOnlyList<string> words)
    {
        FixedBitSet? all = null;
        foreach (var word in words)
        {
            var having = new FixedBitSet(reader.MaxDoc);
            if (MultiFields.GetTermDocsEnum(reader, null, FieldNames.Words, new BytesRef(word), DocsFlags.NONE) is { } documents)
                having.Or(documents);
            if (all is null)
                all = having;
            else
                all.And(having);
        }
        return all;
    }

    private long CountIn(string word, FixedBitSet documents)
    {
        var found = MultiFields.GetTermDocsEnum(reader, null, FieldNames.Words, new BytesRef(word), DocsFlags.NONE);
        var count = 0L;
        for (
            var document = found?.NextDoc() ?? DocIdSetIterator.NO_MORE_DOCS;
            document != DocIdSetIterator.NO_MORE_DOCS;
            document = found!.NextDoc()
        )
        {
            count += documents.Get(document) ? 1 : 0;
        }
        return count;
    }
}
