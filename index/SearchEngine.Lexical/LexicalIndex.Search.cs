using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;
using SearchEngine.Lexical.Analysis;
using SearchEngine.Lexical.Indexing;
using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical;

public sealed partial class LexicalIndex
{
    /// <summary>Number of documents that searches see.</summary>
    public int Count => Read(searcher => searcher.IndexReader.NumDocs);

    /// <summary>The best documents by BM25, best first, ties by ascending ordinal.</summary>
    /// <exception cref="ArgumentException">A field is unknown or not full text, or <see cref="LexicalQuery.Top"/> is less than
    /// 1.</exception>
    /// <param name="query">The query.</param>
    /// <param name="lookup">Takes on what the query's words are; null where nothing follows that asks for it.</param>
    public IReadOnlyList<LexicalHit> Search(LexicalQuery query, LexicalLookup? lookup = null) => SearchWith(query, prune: true, lookup);

    /// <summary>As the public one; tests compare it with a search that skips nothing.</summary>
    internal IReadOnlyList<LexicalHit> SearchWith(LexicalQuery query, bool prune, LexicalLookup? lookup = null)
    {
        IReadOnlyList<LexicalField> fields = SearchedFields(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Top, 1, "query.Top");
        ThrowIfDisposed();
        if (query.Filter is { Count: 0 })
            return [];
        var parsed = Parse(query, lookup);
        if (parsed.IsEmpty || fields.Count == 0)
            return [];
        return Read(searcher =>
        {
            var filter = Restricted(query.Filter, parsed, searcher.IndexReader);
            if (filter is { Count: 0 })
                return [];
            var searched = new SearchedFields(fields);
            var prepared = Prepare(searcher, parsed, searched, query, lookup);
            return new TopSearch(prepared, searched, filter, Math.Min(query.Top, Math.Max(1, searcher.IndexReader.NumDocs)))
            {
                Prunes = prune,
            }.Run();
        });
    }

    /// <summary>
    /// The BM25 scores of given documents: those that <see cref="Search"/> would give them however deep it looked, and 0 where it would not
    /// return them. Costs a look-up in the postings for each document and word; no other document is visited.
    /// </summary>
    /// <param name="query">The query; its top does not matter.</param>
    /// <param name="ordinals">The documents, in any order.</param>
    /// <param name="lookup">What a search by the same words has left; null where there was none.</param>
    /// <returns>A score for each, in their order.</returns>
    /// <exception cref="ArgumentException">A field is unknown or not full text.</exception>
    public IReadOnlyList<float> Score(LexicalQuery query, IReadOnlyList<int> ordinals, LexicalLookup? lookup = null)
    {
        ArgumentNullException.ThrowIfNull(ordinals);
        IReadOnlyList<LexicalField> fields = SearchedFields(query);
        ThrowIfDisposed();
        var parsed = Parse(query, lookup);
        if (parsed.IsEmpty || fields.Count == 0 || ordinals.Count == 0)
            return new float[ordinals.Count];
        return Read(searcher =>
        {
            var filter = Restricted(query.Filter, parsed, searcher.IndexReader);
            var searched = new SearchedFields(fields);
            var prepared = Prepare(searcher, parsed, searched, query, lookup);
            return DocumentScorer.Score(prepared, searched, filter, [.. ordinals]);
        });
    }

    /// <summary>
    /// What scores and snippets of a query depend on beside the documents: of several indexes the sum
    /// (<see cref="TermStatistics.Sum"/>) belongs into <see cref="LexicalQuery.Statistics"/>.
    /// </summary>
    /// <param name="query">The query; its filter, fields and top do not matter.</param>
    public TermStatistics Statistics(LexicalQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ThrowIfDisposed();
        var terms = Parse(query).Clauses.SelectMany(c => c.Alternatives).SelectMany(a => a.Terms).Distinct(StringComparer.Ordinal);
        return Read(searcher => TermCounts.Collect(searcher.IndexReader, FullText(), terms));
    }

    /// <summary>The ordinals of all documents that <paramref name="filter"/> matches.</summary>
    /// <exception cref="ArgumentException">A field is unknown or not filterable, or a value is not of its kind.</exception>
    public OrdinalBits Filter(LexicalFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ThrowIfDisposed();
        var evaluator = new FilterEvaluator(_fields);
        evaluator.Validate(filter);
        return Read(searcher => evaluator.Evaluate(filter, searcher.IndexReader));
    }

    /// <summary>Calls <paramref name="action"/> with the ordinal of every document that searches see, in no particular order.</summary>
    public void ForEachOrdinal(Action<int> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        Read(searcher =>
        {
            foreach (var leaf in searcher.IndexReader.Leaves)
            {
                var live = leaf.AtomicReader.LiveDocs;
                var ordinals = SegmentData.Of(leaf.AtomicReader).Ordinals;
                for (var doc = 0; doc < ordinals.Length; doc++)
                {
                    if (live is null || live.Get(doc))
                        action(ordinals[doc]);
                }
            }
            return true;
        });
    }

    /// <summary>Which terms of a query a document matches and what each adds to its score (the query's filter is not applied).</summary>
    /// <exception cref="ArgumentException">A field is unknown or not full text.</exception>
    public LexicalExplanation Explain(LexicalQuery query, int ordinal)
    {
        IReadOnlyList<LexicalField> fields = SearchedFields(query);
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ThrowIfDisposed();
        var parsed = Parse(query);
        if (parsed.IsEmpty || fields.Count == 0)
            return new LexicalExplanation(0, []);
        return Read(searcher =>
            QueryExplainer.Explain(
                searcher,
                parsed.Clauses,
                _schema,
                new SearchedFields(fields),
                DocumentBuilder.OrdinalTerm(ordinal),
                query.Statistics
            )
        );
    }

    /// <summary>
    /// The part of <paramref name="text"/> with the most, and the rarest, words of the query; words match as they do in the index
    /// (same analyzer, so stems match). If none matches, the beginning of the text.
    /// </summary>
    /// <param name="text">The text as it was indexed, or any other.</param>
    /// <param name="query">The query; its filter, fields and top do not matter.</param>
    /// <param name="maxLength">Longest snippet in UTF-16 code units, at least 20.</param>
    public LexicalSnippet Highlight(string text, LexicalQuery query, int maxLength = 240)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, SnippetFinder.MinLength);
        ThrowIfDisposed();
        IReadOnlySet<string> terms = Parse(query).WantedTerms();
        if (terms.Count == 0)
            return SnippetFinder.Find(text, [], new Dictionary<string, float>(), maxLength);
        var weights = Read(searcher => TermWeights(new TermCounts(searcher.IndexReader, query.Statistics), terms));
        var tokens = TextToken.Analyze(_analyzer, text);
        tokens.RemoveAll(t => !weights.ContainsKey(t.Term) || t.End <= t.Start);
        return SnippetFinder.Find(text, tokens, weights, maxLength);
    }

    private Dictionary<string, float> TermWeights(TermCounts counts, IReadOnlySet<string> terms)
    {
        var weights = new Dictionary<string, float>(StringComparer.Ordinal);
        var fields = FullText();
        foreach (var term in terms)
        {
            var documents = counts.Most(fields, term);
            weights[term] = MathF.Log(1 + (Math.Max(counts.Documents, documents) - documents + 0.5f) / (documents + 0.5f));
        }
        return weights;
    }

    /// <summary>A query's own filter and the conditions that its text makes.</summary>
    private OrdinalBits? Restricted(OrdinalBits? filter, ParsedQuery parsed, IndexReader reader)
    {
        if (parsed.Filters.Count == 0)
            return filter;
        var conditions = new LexicalFilter.And(parsed.Filters);
        var evaluator = new FilterEvaluator(_fields);
        evaluator.Validate(conditions);
        var matching = evaluator.Evaluate(conditions, reader);
        return filter is null ? matching : filter.And(matching);
    }

    private ParsedQuery Parse(LexicalQuery query, LexicalLookup? lookup = null)
    {
        var parsed = lookup?.Parsed ?? ParsedQuery.Parse(query, new ClauseReader(_analyzer, _synonyms), _fields);
        if (lookup is not null)
            lookup.Parsed = parsed;
        return parsed;
    }

    private PreparedQuery Prepare(
        IndexSearcher searcher,
        ParsedQuery parsed,
        SearchedFields searched,
        LexicalQuery query,
        LexicalLookup? lookup
    )
    {
        // The same searcher: its segments are open again, if they ever were not, and the places of the terms in them are what they were.
        if (lookup?.Prepared is { } known && ReferenceEquals(known.Searcher, searcher))
            return known.Again();
        var prepared = PreparedQuery.Make(searcher, parsed.Clauses, searched, _schema, query.Statistics);
        if (lookup is not null)
            lookup.Prepared = prepared;
        return prepared;
    }

    private List<LexicalField> SearchedFields(LexicalQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Fields is null)
            return [.. _schema.Fields.Where(f => f.IsFullText)];
        var fields = new List<LexicalField>();
        foreach (var name in query.Fields.Distinct(StringComparer.Ordinal))
        {
            if (!_fields.TryGetValue(name, out var field))
                throw new ArgumentException($"There is no field '{name}'.", nameof(query));
            if (!field.IsFullText)
                throw new ArgumentException($"Field '{name}' is not full text.", nameof(query));
            fields.Add(field);
        }
        return fields;
    }

    private SearchedFields FullText() => new([.. _schema.Fields.Where(f => f.IsFullText)]);

    private T Read<T>(Func<IndexSearcher, T> read)
    {
        ThrowIfDisposed();
        IndexSearcher? searcher = null;
        try
        {
            searcher = _searchers.Acquire();
            return read(searcher);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LexicalIndexException(
                $"The index in '{_location}' could not be read: {e.Message} Run a check, and rebuild it from the records if it is damaged.",
                _location,
                e
            );
        }
        finally
        {
            if (searcher is not null)
                _searchers.Release(searcher);
        }
    }
}
