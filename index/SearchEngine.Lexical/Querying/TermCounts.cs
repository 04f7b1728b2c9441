using Lucene.Net.Index;

namespace SearchEngine.Lexical.Querying;

/// <summary>The numbers that scores depend on: those given, or the index's own.</summary>
internal sealed class TermCounts(IndexReader reader, TermStatistics? given)
{
    /// <summary>Whether the numbers are given: then those that a look-up brings along do not count.</summary>
    internal bool AreGiven => given is not null;

    internal long Documents => given?.Documents ?? reader.MaxDoc;

    /// <summary>Tokens of a field.</summary>
    internal long Tokens(SearchedFields fields, int field) =>
        given is null
            ? Math.Max(0, reader.GetSumTotalTermFreq(fields.Lucene[field]))
            : given.Tokens.GetValueOrDefault(fields.Fields[field].Name);

    /// <summary>In how many documents a field has a term.</summary>
    internal long DocumentsWith(SearchedFields fields, int field, string term) =>
        given is null ? reader.DocFreq(new Term(fields.Lucene[field], term))
        : given.Frequencies.TryGetValue(fields.Fields[field].Name, out var terms) ? terms.GetValueOrDefault(term)
        : 0;

    /// <summary>In how many documents a term is, in the field in which it is in most.</summary>
    internal long Most(SearchedFields fields, string term)
    {
        var most = 0L;
        for (var field = 0; field < fields.Lucene.Length; field++)
            most = Math.Max(most, DocumentsWith(fields, field, term));
        return most;
    }

    /// <summary>By field, in how many documents the single terms of a clause are.</summary>
    internal long[] Of(SearchedFields fields, QueryClause clause)
    {
        var counts = new long[fields.Lucene.Length];
        foreach (var alternative in clause.Alternatives)
        {
            for (var field = 0; field < counts.Length && !alternative.IsPhrase; field++)
            {
                if (clause.Field is null || clause.Field == fields.Fields[field].Name)
                    counts[field] += DocumentsWith(fields, field, alternative.Terms[0]);
            }
        }

        return counts;
    }

    /// <summary>The index's own numbers for the terms of a query.</summary>
    internal static TermStatistics Collect(IndexReader reader, SearchedFields fields, IEnumerable<string> terms)
    {
        var own = new TermCounts(reader, null);
        var wanted = terms.ToArray();
        var tokens = new Dictionary<string, long>(StringComparer.Ordinal);
        var frequencies = new Dictionary<string, IReadOnlyDictionary<string, long>>(StringComparer.Ordinal);
        for (var field = 0; field < fields.Lucene.Length; field++)
        {
            var name = fields.Fields[field].Name;
            tokens[name] = own.Tokens(fields, field);
            var counts = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var term in wanted)
            {
                if (own.DocumentsWith(fields, field, term) is > 0 and var count)
                    counts[term] = count;
            }
            frequencies[name] = counts;
        }

        return new TermStatistics(own.Documents, tokens, frequencies);
    }
}
