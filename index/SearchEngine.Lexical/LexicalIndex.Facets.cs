using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical;

public sealed partial class LexicalIndex
{
    /// <summary>
    /// All documents that a query matches, under its filter, counts over them, and the best of them, in one pass that visits every one.
    /// </summary>
    /// <param name="query">The query.</param>
    /// <param name="facets">What to count over the matches.</param>
    /// <exception cref="ArgumentException">A field is unknown, not full text or not filterable, or a condition in the text does not fit its
    /// field.</exception>
    public LexicalMatches Match(LexicalQuery query, IReadOnlyList<LexicalFacetRequest> facets)
    {
        ArgumentNullException.ThrowIfNull(facets);
        var fields = SearchedFields(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Top, 1, "query.Top");
        ThrowIfDisposed();
        var parsed = Parse(query);
        var counters = Counters(facets);
        if (query.Filter is { Count: 0 } || parsed.IsEmpty || fields.Count == 0)
            return new LexicalMatches([], OrdinalBits.Of([]), Array.ConvertAll(counters, counter => counter.Result()));
        return Read(searcher =>
        {
            var searched = new SearchedFields(fields);
            var matches = new OrdinalBitsBuilder();
            var prepared = PreparedQuery.Make(searcher, parsed.Clauses, searched, _schema, query.Statistics);
            var top = Math.Min(query.Top, Math.Max(1, searcher.IndexReader.NumDocs));
            var hits = new TopSearch(prepared, searched, Restricted(query.Filter, parsed, searcher.IndexReader), top)
            {
                Entered = segment =>
                {
                    foreach (var counter in counters)
                        counter.Enter(segment);
                },
                Matched = (data, document) =>
                {
                    matches.Add(data.Ordinals[document]);
                    foreach (var counter in counters)
                        counter.Add(document);
                },
            }.Run();
            return new LexicalMatches(hits, matches.Build(), Array.ConvertAll(counters, counter => counter.Result()));
        });
    }

    /// <summary>Counts the values of fields over a set of documents.</summary>
    /// <param name="requests">What to count.</param>
    /// <param name="ordinals">The documents; null for all.</param>
    /// <returns>The counts, in the order of the requests.</returns>
    /// <exception cref="ArgumentException">A field is unknown or not filterable, or a border is not of its kind.</exception>
    public IReadOnlyList<LexicalFacet> Facets(IReadOnlyList<LexicalFacetRequest> requests, OrdinalBits? ordinals)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ThrowIfDisposed();
        var counters = Counters(requests);
        return Read(searcher =>
        {
            MatchWalk.Over(
                searcher.IndexReader,
                ordinals,
                segment =>
                {
                    foreach (var counter in counters)
                        counter.Enter(segment);
                },
                (document, _) =>
                {
                    foreach (var counter in counters)
                        counter.Add(document);
                }
            );
            return (IReadOnlyList<LexicalFacet>)Array.ConvertAll(counters, counter => counter.Result());
        });
    }

    private FacetCounter[] Counters(IReadOnlyList<LexicalFacetRequest> requests) =>
        [
            .. requests.Select(request =>
            {
                var field = Filterable(request.Field);
                ArgumentOutOfRangeException.ThrowIfLessThan(request.Top, 1, nameof(request.Top));
                return request.Borders is not null && field.Kind == LexicalFieldKind.Boolean
                    ? throw new ArgumentException($"Field '{field.Name}' is Boolean, which has no ranges.")
                    : new FacetCounter(field, request);
            }),
        ];

    /// <summary>Documents in the order of a field.</summary>
    /// <param name="sort">The order.</param>
    /// <param name="ordinals">The documents; null for all.</param>
    /// <param name="top">Most ordinals to return, 1 or more.</param>
    /// <exception cref="ArgumentException">The field is unknown, not filterable or a list.</exception>
    public IReadOnlyList<int> Sorted(LexicalSort sort, OrdinalBits? ordinals, int top)
    {
        ArgumentNullException.ThrowIfNull(sort);
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        ThrowIfDisposed();
        var field = Filterable(sort.Field);
        if (field.IsList)
            throw new ArgumentException($"Field '{field.Name}' is a list, which has no order.");
        return Read(searcher => new FieldSorter(field, sort.Descending, top).Sort(searcher.IndexReader, ordinals));
    }

    /// <summary>The value of a field for each of some documents, in their order; null for one that has none or is not there.</summary>
    /// <exception cref="ArgumentException">The field is unknown, not filterable or a list.</exception>
    public IReadOnlyList<object?> Values(string field, IReadOnlyList<int> ordinals)
    {
        ArgumentNullException.ThrowIfNull(ordinals);
        ThrowIfDisposed();
        var found = Filterable(field);
        if (found.IsList)
            throw new ArgumentException($"Field '{field}' is a list: its documents have no single value.");
        var places = ordinals
            .Select((ordinal, place) => (ordinal, place))
            .GroupBy(p => p.ordinal)
            .ToDictionary(g => g.Key, g => g.Select(p => p.place).ToArray());
        var values = new object?[ordinals.Count];
        FieldColumn? column = null;
        return Read(searcher =>
        {
            MatchWalk.Over(
                searcher.IndexReader,
                OrdinalBits.Of(ordinals),
                segment => column = FieldColumn.Of(segment, found),
                (document, ordinal) =>
                {
                    var of = column!.Places(document);
                    foreach (var place in places[ordinal])
                        values[place] = of.IsEmpty ? null : column.Values[of[0]];
                }
            );
            return (IReadOnlyList<object?>)values;
        });
    }

    private LexicalField Filterable(string name)
    {
        if (!_fields.TryGetValue(name, out var field))
            throw new ArgumentException($"There is no field '{name}'.");
        return field.IsFilterable ? field : throw new ArgumentException($"Field '{name}' is not filterable.");
    }
}
