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
    private const int MaxCandidates = 64;

    /// <summary>Beginnings of this length that nothing begins with may have one mistake.</summary>
    private const int MinLengthOfMistakes = 5;

    internal IReadOnlyList<LexicalSuggestion> Complete(string text, int top)
    {
        var pieces = WordScanner.Scan(text).FindAll(p => !TokenTypes.HasParts(p.Type));
        if (pieces.Count == 0 || pieces[^1].End != text.Length || MultiFields.GetTerms(reader, FieldNames.Words) is not { } terms)
            return [];
        var last = pieces[^1];
        var prefix = WordSet.Normalize(last.Text);
        var candidates = StartingWith(terms, prefix);
        if (candidates.Count == 0 && prefix.Length is >= MinLengthOfMistakes and <= SpellingCorrector.MaxLength)
            candidates = StartingNear(terms, prefix);
        var documents = Documents(pieces[..^1]);
        IEnumerable<(string Word, int Documents)> ranked = candidates;
        if (documents is not null)
        {
            var together = candidates.Select(c => (c.Word, Documents: CountIn(c.Word, documents))).Where(c => c.Documents > 0).ToArray();
            if (together.Length > 0)
                ranked = together;
        }
        return
        [
            .. ranked
                .OrderByDescending(c => c.Documents)
                .ThenBy(c => c.Word, StringComparer.Ordinal)
                .Take(top)
                .Select(c => new LexicalSuggestion(text[..last.Start] + c.Word, c.Word, c.Documents)),
        ];
    }

    private static List<(string Word, int Documents)> StartingWith(Terms terms, string prefix)
    {
        var start = new BytesRef(prefix);
        var found = terms.GetEnumerator();
        var best = new PriorityQueue<string, (int, string)>(MostFrequentLast);
        if (found.SeekCeil(start) == TermsEnum.SeekStatus.END)
            return [];
        do
        {
            if (!StringHelper.StartsWith(found.Term, start))
                break;
            Keep(best, found);
        } while (found.MoveNext());
        return List(best);
    }

    private static List<(string Word, int Documents)> StartingNear(Terms terms, string prefix)
    {
        var near = new LevenshteinAutomata(prefix, withTranspositions: true).ToAutomaton(1);
        var automaton = new CompiledAutomaton(BasicOperations.Concatenate(near, BasicAutomata.MakeAnyString()));
        var found = automaton.GetTermsEnum(terms);
        var best = new PriorityQueue<string, (int, string)>(MostFrequentLast);
        while (found.MoveNext())
            Keep(best, found);
        return List(best);
    }

    private static Comparer<(int Documents, string Word)> MostFrequentLast { get; } =
        Comparer<(int Documents, string Word)>.Create(
            (a, b) => a.Documents != b.Documents ? a.Documents.CompareTo(b.Documents) : string.CompareOrdinal(b.Word, a.Word)
        );

    private static void Keep(PriorityQueue<string, (int, string)> best, TermsEnum found)
    {
        var word = found.Term.Utf8ToString();
        if (best.Count < MaxCandidates)
            best.Enqueue(word, (found.DocFreq, word));
        else
            best.EnqueueDequeue(word, (found.DocFreq, word));
    }

    private static List<(string Word, int Documents)> List(PriorityQueue<string, (int Documents, string)> best) =>
        [.. best.UnorderedItems.Select(item => (item.Element, item.Priority.Documents))];

    /// <summary>
    /// The documents, by number over the whole reader, that have all words; null where there are no words or no such documents.
    /// </summary>
    private FixedBitSet? Documents(List<WordPiece> words)
    {
        FixedBitSet? all = null;
        foreach (var word in words.Select(w => WordSet.Normalize(w.Text)).Distinct(StringComparer.Ordinal))
        {
            if (MultiFields.GetTermDocsEnum(reader, null, FieldNames.Words, new BytesRef(word), DocsFlags.NONE) is not { } documents)
                continue;
            var having = new FixedBitSet(reader.MaxDoc);
            having.Or(documents);
            if (all is null)
                all = having;
            else
                all.And(having);
        }
        return all is null || all.Cardinality == 0 ? null : all;
    }

    private int CountIn(string word, FixedBitSet documents)
    {
        var found = MultiFields.GetTermDocsEnum(reader, null, FieldNames.Words, new BytesRef(word), DocsFlags.NONE);
        var count = 0;
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
