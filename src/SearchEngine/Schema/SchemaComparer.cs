namespace SearchEngine;

/// <summary>Says how a schema asked for differs from the stored one.</summary>
internal static class SchemaComparer
{
    /// <summary>
    /// The first difference in words; null where they agree. Only what changes the stored data or an index counts; EfSearch does not.
    /// </summary>
    public static string? FirstDifference(CollectionSchema stored, CollectionSchema asked)
    {
        if (stored.KeyKind != asked.KeyKind)
            return $"keys are stored as {stored.KeyKind}, asked for as {asked.KeyKind}";
        // Who asks for the default takes the default of the collection's time.
        var isEarlierDefault =
            asked.Analyzer == CollectionSchema.DefaultAnalyzer && stored.Analyzer == CollectionSchema.FirstDefaultAnalyzer;
        if (stored.Analyzer != asked.Analyzer && !isEarlierDefault)
            return $"the analyzer is '{stored.Analyzer}', asked for '{asked.Analyzer}'";
        foreach (var field in asked.Fields)
        {
            if (stored.FindField(field.Name) is not { } other)
                return $"there is no field '{field.Name}'";
            if (other != field)
                return $"field '{field.Name}' is stored as {Describe(other)}, asked for as {Describe(field)}";
        }

        foreach (var field in stored.Fields)
        {
            if (asked.FindField(field.Name) is null)
                return $"the stored field '{field.Name}' is missing";
        }

        foreach (var vector in asked.Vectors)
        {
            if (stored.FindVector(vector.Name) is not { } other)
                return $"there is no vector field '{vector.Name}'";
            if (other.Dimension != vector.Dimension)
                return $"vector field '{vector.Name}' has {other.Dimension} dimensions, asked for {vector.Dimension}";
            if (other with { EfSearch = vector.EfSearch } != vector)
                return $"vector field '{vector.Name}' is stored as {other}, asked for as {vector}";
        }

        foreach (var vector in stored.Vectors)
        {
            if (asked.FindVector(vector.Name) is null)
                return $"the stored vector field '{vector.Name}' is missing";
        }

        return null;
    }

    private static string Describe(DataField field) =>
        (field.IsList ? "list of " : "")
        + field.Type
        + (field.IsFilterable ? ", filterable" : "")
        + (field.IsFullText ? ", full text" : "")
        + (field.Boost == 1f ? "" : $", boost {field.Boost}");
}
