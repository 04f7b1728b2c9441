using SearchEngine.Lexical;

namespace SearchEngine.Reading;

/// <summary>Counts over all records that match a search, and orders them by a field. Thread-safe.</summary>
internal sealed class MatchCounter(CollectionSchema schema, LexicalView? lexical)
{
    /// <summary>The records that match: in keyword searches those that hold one of the words, else all that may be ranked.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="allowed">The records that pass the filter and are visible.</param>
    public OrdinalBits Matching(SearchPlan plan, OrdinalBits allowed) =>
        plan is { Request.Mode: SearchMode.Keyword, Keyword: { } keyword }
            ? lexical!.Fresh().Match(keyword with { Filter = allowed })
            : allowed;

    public IReadOnlyList<Facet> Facets(IReadOnlyList<FacetRequest> requests, OrdinalBits matching)
    {
        if (requests.Count == 0)
            return [];
        var fields = requests.Select(request => Indexed(request.Field, "counted")).ToArray();
        var asked = requests.Select(
            (request, i) =>
                new LexicalFacetRequest(request.Field)
                {
                    Top = request.Top,
                    Borders = request.Borders?.Select(border => LexicalMapping.Value(FieldValues.Scalar(fields[i], border))!).ToArray(),
                }
        );
        return
        [
            .. lexical!
                .Fresh()
                .Facets([.. asked], matching)
                .Select(
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
    }

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
