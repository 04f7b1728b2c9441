using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SearchEngine.Lexical;
using SearchEngine.Moments;

namespace SearchEngine.Reading;

/// <summary>Counts over all records that match a search, and orders them by a field. Thread-safe.</summary>
internal sealed class MatchCounter(CollectionSchema schema, LexicalView? lexical)
{
    /// <summary>Counts kept of one moment.</summary>
    private const int MaxKept = 64;

    // By the bits of all visible records, which a moment makes once and nobody changes.
    private readonly ConditionalWeakTable<ulong[], ConcurrentDictionary<(string Field, int Top), Facet>> _kept = [];

    /// <summary>All that match in a moment, where a search asks for more than the best of them; else null.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="moment">The moment, which the caller has entered.</param>
    /// <param name="matching">The records that pass the filter; null where there is none.</param>
    public SearchMatches? Matching(SearchPlan plan, CollectionMoment moment, ulong[]? matching) =>
        SearchPlan.NeedsMatches(plan.Request)
            ? Matching(plan, Ordinals.BitsOf(matching ?? moment.Live.SharedWords()), isAll: matching is null)
            : null;

    /// <summary>The records that match: in keyword searches those that hold one of the words, else all that may be ranked.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="allowed">The records that pass the filter and are visible.</param>
    /// <param name="isAll">Whether these are all of a moment: their counts are kept as long as it is, for whoever asks for the same.</param>
    public SearchMatches Matching(SearchPlan plan, OrdinalBits allowed, bool isAll)
    {
        var requests = plan.Request.Facets;
        if (plan is not { Request.Mode: SearchMode.Keyword, Keyword: { } keyword })
            return new SearchMatches([], allowed, Facets(requests, allowed, isAll));
        var fields = FieldsOf(requests);
        var found = lexical!.Fresh().Match(keyword with { Filter = allowed }, Asked(requests, fields));
        return new SearchMatches(found.Hits, found.Ordinals, Read(found.Facets, fields));
    }

    private Facet[] Facets(IReadOnlyList<FacetRequest> requests, OrdinalBits records, bool isAll)
    {
        // Ranges are compared by their borders, which may be anything: they are counted anew.
        if (!isAll || requests.Count == 0 || requests.Any(request => request.Borders is not null))
            return Count(requests, records);
        var kept = _kept.GetOrCreateValue(records.Words);
        var facets = new Facet[requests.Count];
        for (var i = 0; i < facets.Length; i++)
        {
            var request = requests[i];
            if (!kept.TryGetValue((request.Field, request.Top), out var facet))
            {
                facet = Count([request], records)[0];
                if (kept.Count < MaxKept)
                    kept.TryAdd((request.Field, request.Top), facet);
            }

            facets[i] = facet;
        }

        return facets;
    }

    private Facet[] Count(IReadOnlyList<FacetRequest> requests, OrdinalBits records)
    {
        if (requests.Count == 0)
            return [];
        var fields = FieldsOf(requests);
        return Read(lexical!.Fresh().Facets(Asked(requests, fields), records), fields);
    }

    private DataField[] FieldsOf(IReadOnlyList<FacetRequest> requests) =>
        [.. requests.Select(request => Indexed(request.Field, "counted"))];

    private static LexicalFacetRequest[] Asked(IReadOnlyList<FacetRequest> requests, DataField[] fields) =>
        [
            .. requests.Select(
                (request, i) =>
                    new LexicalFacetRequest(request.Field)
                    {
                        Top = request.Top,
                        Borders = request.Borders?.Select(border => LexicalMapping.Value(FieldValues.Scalar(fields[i], border))!).ToArray(),
                    }
            ),
        ];

    private static Facet[] Read(IReadOnlyList<LexicalFacet> facets, DataField[] fields) =>
        [
            .. facets.Select(
                (facet, i) =>
                    new Facet(
                        facet.Field,
                        [
                            .. facet.Values.Select(v => new FacetValue(
                                LexicalMapping.FromLexical(fields[i].Type, v.Value),
                                v.Count,
                                LexicalMapping.FromLexical(fields[i].Type, v.UpTo)
                            )),
                        ],
                        facet.Distinct,
                        facet.Missing
                    )
            ),
        ];

    /// <summary>The first records of a keyword search in the order of a field, with the scores that the records have.</summary>
    public LexicalHit[] Sorted(SearchPlan plan, OrdinalBits matching)
    {
        var sort = plan.Request.Sort!;
        Indexed(sort.Field, "sorted by");
        var index = lexical!.Fresh();
        return
        [
            .. index
                .Sorted(new LexicalSort(sort.Field, sort.Descending), matching, plan.Depth)
                .Select(ordinal => new LexicalHit(ordinal, plan.Keyword is null ? 0f : index.Explain(plan.Keyword, ordinal).Score)),
        ];
    }

    private DataField Indexed(string name, string what)
    {
        var field = schema.FindField(name) ?? throw new ArgumentException($"Collection '{schema.Name}' has no field '{name}'.");
        return field.IsFilterable && lexical is not null
            ? field
            : throw new ArgumentException($"Field '{name}' is not filterable, so it cannot be {what}.");
    }
}
