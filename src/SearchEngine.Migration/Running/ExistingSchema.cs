namespace SearchEngine.Migration;

/// <summary>Whether a collection that exists takes what a mapping brings. It may have more fields.</summary>
internal static class ExistingSchema
{
    /// <summary>The first difference that matters, in words; null where there is none.</summary>
    public static string? Difference(CollectionSchema stored, CollectionSchema asked)
    {
        if (stored.KeyKind != asked.KeyKind)
            return $"its keys are {stored.KeyKind}, those of the store {asked.KeyKind}";
        foreach (var field in asked.Fields)
        {
            if (stored.FindField(field.Name) is not { } there)
                return $"it has no field '{field.Name}' (--skip leaves a column out)";
            if (there.Type != field.Type || there.IsList != field.IsList)
                return $"its field '{field.Name}' holds {Words(there)}, the store's column {Words(field)}";
        }

        foreach (var vector in asked.Vectors)
        {
            if (stored.FindVector(vector.Name) is not { } there)
                return $"it has no vector field '{vector.Name}'";
            if (there.Dimension != vector.Dimension)
                return $"its vectors '{vector.Name}' have {there.Dimension} components, the store's {vector.Dimension}";
            if (there.Metric != vector.Metric)
                return $"its vectors '{vector.Name}' are compared by {there.Metric}, the store's by {vector.Metric}";
            if (there.SourceField != vector.SourceField)
                return $"its vectors '{vector.Name}' are {Origin(there)}, those of this import {Origin(vector)}";
        }

        return asked.Vectors.Count > 0 && stored.EmbeddingModel != asked.EmbeddingModel
            ? $"its vectors are of '{stored.EmbeddingModel ?? "no named model"}', those of this import of '{asked.EmbeddingModel}'"
            : null;
    }

    private static string Words(DataField field) => (field.IsList ? "lists of " : string.Empty) + field.Type;

    private static string Origin(VectorField field) => field.SourceField is { } source ? $"made of '{source}'" : "brought";
}
