namespace SearchEngine.Reading;

/// <summary>
/// What the steps behind the ranking read of candidates: of a collection in this process at once, of one in shards what was fetched before.
/// The caller has entered the moment in which they are visible. Thread-safe.
/// </summary>
internal interface ICandidateSource
{
    /// <summary>The record.</summary>
    /// <exception cref="SearchDatabaseException">It is damaged, missing, or cannot be read.</exception>
    Document Read(int ordinal, bool includeVectors);

    /// <summary>The record's vector of a field; null where it has none.</summary>
    /// <param name="ordinal">The record.</param>
    /// <param name="position">The field's place in the schema.</param>
    float[]? ReadVector(int ordinal, int position);

    /// <summary>The passage that a search shows of a record; null where it has none.</summary>
    Snippet? SnippetOf(SearchPlan plan, int ordinal, Document document);

    /// <summary>The query's terms that the record matches, with what each adds to its score.</summary>
    IReadOnlyList<TermContribution> TermsOf(SearchPlan plan, int ordinal);
}
