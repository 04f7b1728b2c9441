namespace SearchEngine.Sharding;

/// <summary>Adds up what shards counted.</summary>
internal static class FacetMerge
{
    /// <summary>The counts over all shards.</summary>
    /// <param name="requests">What was asked for.</param>
    /// <param name="parts">What each shard counted, in the order of the requests.</param>
    public static IReadOnlyList<Facet> Merge(IReadOnlyList<FacetRequest> requests, IReadOnlyList<IReadOnlyList<Facet>> parts) =>
        [.. requests.Select((request, i) => Merge(request, [.. parts.Select(part => part[i])]))];

    private static Facet Merge(FacetRequest request, Facet[] parts)
    {
        var missing = parts.Sum(part => part.Missing);
        if (request.Borders is not null)
        {
            FacetValue[] ranges =
            [
                .. parts[0].Values.Select((range, at) => range with { Count = parts.Sum(part => part.Values[at].Count) }),
            ];
            return new Facet(request.Field, ranges, ranges.Length, missing);
        }

        var counted = parts
            .SelectMany(part => part.Values)
            .GroupBy(value => LexicalMapping.Value(value.Value)!)
            .Select(group => (group.Key, Value: group.First() with { Count = group.Sum(value => value.Count) }))
            .ToArray();
        var best = counted
            .OrderByDescending(value => value.Value.Count)
            .ThenBy(value => value.Key, Comparer<object>.Create((a, b) => FieldOrder.Compare(a, b)))
            .Take(request.Top)
            .Select(value => value.Value);
        return new Facet(request.Field, [.. best], counted.Length, missing);
    }
}
