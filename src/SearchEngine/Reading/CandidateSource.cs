namespace SearchEngine.Reading;

/// <summary>Candidates of a collection in this process. Thread-safe.</summary>
internal sealed class CandidateSource(RecordReader records, LexicalView? lexical) : ICandidateSource
{
    public Document Read(int ordinal, bool includeVectors) => records.Read(ordinal, includeVectors);

    public float[]? ReadVector(int ordinal, int position) => records.ReadVector(ordinal, position);

    public IReadOnlyList<TermContribution> TermsOf(SearchPlan plan, int ordinal) =>
        plan.Keyword is null
            ? []
            : [.. lexical!.Index.Explain(plan.Keyword, ordinal).Matches.Select(m => new TermContribution(m.Field, m.Term, m.Contribution))];

    public Snippet? SnippetOf(SearchPlan plan, int ordinal, Document document)
    {
        if (document[plan.Request.SnippetField!] is not string text || text.Length == 0)
            return null;
        if (lexical is null || plan.SnippetQuery is null)
        {
            return text.Length <= plan.Request.SnippetLength
                ? new Snippet(text, [])
                : new Snippet(text[..CutAt(text, plan.Request.SnippetLength)] + "…", []);
        }
        // A search by vector alone has not asked for a newer reader: how rare a word is would be that of the last search for words.
        var snippet = lexical.Fresh().Highlight(text, plan.SnippetQuery, plan.Request.SnippetLength);
        var before = snippet.IsCutBefore ? "…" : "";
        return new Snippet(
            before + snippet.Text + (snippet.IsCutAfter ? "…" : ""),
            [.. snippet.Matches.Select(match => new TextSpan(match.Start + before.Length, match.Length))]
        );
    }

    /// <summary>
    /// The last word border at or before a length; the length itself (never inside a surrogate pair) where there is none.
    /// </summary>
    private static int CutAt(string text, int length)
    {
        var space = text.LastIndexOf(' ', length);
        if (space > 0)
            return space;
        return char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
    }
}
