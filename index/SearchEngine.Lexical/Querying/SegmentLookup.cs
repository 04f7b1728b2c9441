using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>Looks terms up in one segment. Deleted documents are among what it finds: a search checks the few that may win.</summary>
internal sealed class SegmentLookup
{
    private readonly IndexSearcher _searcher;
    private readonly AtomicReaderContext _leaf;
    private readonly SearchedFields _fields;
    private readonly TermsEnum?[] _terms;

    internal SegmentLookup(IndexSearcher searcher, AtomicReaderContext leaf, SearchedFields fields)
    {
        _searcher = searcher;
        _leaf = leaf;
        _fields = fields;
        _terms = Array.ConvertAll(fields.Lucene, field => leaf.AtomicReader.GetTerms(field)?.GetEnumerator());
    }

    /// <summary>The postings of a clause, one list for each field and alternative that the segment has.</summary>
    /// <param name="clause">The clause.</param>
    /// <param name="frequencies">Takes on, by field, in how many documents the single terms are.</param>
    internal Postings[] Find(QueryClause clause, int[] frequencies)
    {
        var found = new List<Postings>(clause.Alternatives.Count * _terms.Length);
        foreach (var alternative in clause.Alternatives)
        {
            for (var i = 0; i < _terms.Length; i++)
            {
                if (_terms[i] is not { } terms || clause.Field is not null && clause.Field != _fields.Fields[i].Name)
                    continue;
                var (documents, place) = alternative.IsPhrase
                    ? (Phrase(alternative, _fields.Lucene[i]), null)
                    : Term(alternative.Terms[0], terms, ref frequencies[i]);
                if (documents is not null)
                    found.Add(new Postings(documents, alternative.Weight * _fields.Weights[i], alternative, _fields.Fields[i], place));
            }
        }
        return [.. found];
    }

    /// <summary>The postings of a list that was found, from its first document on.</summary>
    internal Postings Again(Postings found) =>
        found with
        {
            Documents = found.Place?.Open() ?? Phrase(found.Term, FieldNames.Text(found.Field.Name))!,
        };

    private static (DocsEnum? Documents, TermPlace? Place) Term(string term, TermsEnum terms, ref int frequency)
    {
        var bytes = new BytesRef(term);
        if (!terms.SeekExact(bytes))
            return (null, null);
        frequency += terms.DocFreq;
        return (terms.Docs(null, null, DocsFlags.FREQS), new TermPlace(terms, bytes));
    }

    private Scorer? Phrase(QueryTerm phrase, string field)
    {
        Query query;
        if (phrase.Positions.Distinct().Count() == phrase.Positions.Length)
        {
            var plain = new PhraseQuery();
            for (var i = 0; i < phrase.Terms.Length; i++)
                plain.Add(new Term(field, phrase.Terms[i]), phrase.Positions[i]);
            query = plain;
        }
        else
        {
            var forms = new MultiPhraseQuery();
            foreach (var position in phrase.Terms.Zip(phrase.Positions).GroupBy(p => p.Second, p => p.First))
                forms.Add([.. position.Select(term => new Term(field, term))], position.Key);
            query = forms;
        }
        return _searcher.CreateNormalizedWeight(query).GetScorer(_leaf, null);
    }
}
