using Lucene.Net.Index;
using Lucene.Net.Search;

namespace SearchEngine.Lexical.Querying;

/// <summary>Walks the documents of a segment that hold one clause, in one or more lists of postings. Used by one thread.</summary>
internal sealed class ClauseCursor(ScoredClause clause, Postings[] postings, SegmentLookup lookup, string? key)
{
    internal ScoredClause Clause => clause;

    /// <summary>The most that the clause gives to a document of the segment.</summary>
    internal double Bound { get; set; }

    /// <summary>Names the postings and their weights, for what is remembered of them; null for phrases, of which nothing is.</summary>
    internal string? Key => key;

    /// <summary>A second walk over the same documents, from the first on.</summary>
    internal ClauseCursor Fresh() => new(clause, Array.ConvertAll(postings, lookup.Again), lookup, key);

    /// <summary>The document of the lists that stand first; -1 before the first.</summary>
    internal int Document
    {
        get
        {
            var first = postings[0].Documents.DocID;
            for (var i = 1; i < postings.Length; i++)
                first = Math.Min(first, postings[i].Documents.DocID);
            return first;
        }
    }

    /// <summary>About how many documents there are.</summary>
    internal long Cost => postings.Sum(p => p.Documents.GetCost());

    internal void AdvanceTo(int document)
    {
        foreach (var list in postings)
            AdvanceTo(list.Documents, document);
    }

    /// <summary>The weighted frequency in a document, which must not lie before one asked for earlier; 0 where it does not match.</summary>
    internal float FrequencyIn(int document)
    {
        float frequency = 0;
        for (var i = 0; i < postings.Length; i++)
        {
            if (AdvanceTo(postings[i].Documents, document) == document)
                frequency += postings[i].Weight * postings[i].Documents.Freq;
        }
        return frequency;
    }

    /// <summary>The lists that have a document, for explanations.</summary>
    internal IEnumerable<Postings> In(int document) => postings.Where(list => AdvanceTo(list.Documents, document) == document);

    /// <summary>Adds the scores of all documents before <paramref name="end"/> to a window.</summary>
    internal void Score(ScoreWindow window, in Saturation saturation, int end)
    {
        if (postings.Length > 1)
        {
            ScoreTogether(window, saturation, end);
            return;
        }
        var list = postings[0].Documents;
        var weight = postings[0].Weight;
        for (var document = AdvanceTo(list, window.Start); document < end; document = list.NextDoc())
            window.Add(document, saturation.Part(weight * list.Freq, document));
    }

    /// <summary>Passes every document with its weighted frequency.</summary>
    internal void ForEach(Action<int, float> action)
    {
        AdvanceTo(0);
        for (var document = Document; document != DocIdSetIterator.NO_MORE_DOCS; document = Document)
        {
            action(document, FrequencyIn(document));
            AdvanceTo(document + 1);
        }
    }

    // The lists' frequencies are added up before they saturate.
    private void ScoreTogether(ScoreWindow window, in Saturation saturation, int end)
    {
        for (var i = 0; i < postings.Length; i++)
        {
            var list = postings[i].Documents;
            var weight = postings[i].Weight;
            for (var document = AdvanceTo(list, window.Start); document < end; document = list.NextDoc())
                window.Touch(document, weight * list.Freq);
        }
        window.AddTouched(saturation);
    }

    private static int AdvanceTo(DocsEnum list, int document)
    {
        var at = list.DocID;
        if (at >= document)
            return at;
        return at + 1 == document ? list.NextDoc() : list.Advance(document);
    }
}
