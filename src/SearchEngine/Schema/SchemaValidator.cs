using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine;

/// <summary>Checks a schema before a collection is made of it.</summary>
internal static class SchemaValidator
{
    public const int MaxNameLength = 128;

    /// <exception cref="ArgumentException">The schema is not valid; the message names the field.</exception>
    public static void Validate(CollectionSchema schema)
    {
        ValidateName(schema.Name);
        if (!Enum.IsDefined(schema.KeyKind))
            throw new ArgumentException($"Unknown key kind {schema.KeyKind}.");
        if (!LexicalSchema.AnalyzerNames.Contains(schema.Analyzer))
        {
            throw new ArgumentException(
                $"Unknown analyzer '{schema.Analyzer}': use one of {string.Join(", ", LexicalSchema.AnalyzerNames)}."
            );
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in schema.Fields)
        {
            ValidateFieldName(field.Name, names);
            if (!Enum.IsDefined(field.Type))
                throw new ArgumentException($"Field '{field.Name}' has an unknown type {field.Type}.");
            if (field.IsFullText && field.Type != DataFieldType.String)
                throw new ArgumentException($"Field '{field.Name}' is {field.Type}: only text can be searched by keyword.");
            if (field.IsFilterable && field.Type == DataFieldType.Bytes)
                throw new ArgumentException($"Field '{field.Name}' holds bytes, which cannot be filtered.");
            if (!(field.Boost > 0) || float.IsInfinity(field.Boost))
                throw new ArgumentException($"Field '{field.Name}' has boost {field.Boost}: it must be a finite number above 0.");
        }

        if (schema.Vectors.Count > CollectionSchema.MaxVectorFields)
        {
            throw new ArgumentException(
                $"A collection has at most {CollectionSchema.MaxVectorFields} vector fields; this schema has {schema.Vectors.Count}."
            );
        }
        foreach (var vector in schema.Vectors)
        {
            ValidateFieldName(vector.Name, names);
            if (vector.Dimension is < 1 or > 8192)
                throw new ArgumentException($"Vector field '{vector.Name}' has dimension {vector.Dimension}: 1 to 8192 are supported.");
            if (!Enum.IsDefined(vector.Metric))
                throw new ArgumentException($"Vector field '{vector.Name}' has an unknown metric {vector.Metric}.");
            if (!Enum.IsDefined(vector.Index))
                throw new ArgumentException($"Vector field '{vector.Name}' has an unknown index kind {vector.Index}.");
            if (!Enum.IsDefined(vector.Quantization))
                throw new ArgumentException($"Vector field '{vector.Name}' has an unknown quantization {vector.Quantization}.");
            if (vector.Index == VectorIndexKind.Hnsw && vector.Metric is DistanceMetric.Manhattan or DistanceMetric.Hamming)
            {
                throw new ArgumentException(
                    $"Vector field '{vector.Name}': {vector.Metric} needs a flat index; a graph supports cosine, dot product and Euclidean."
                );
            }
            if (vector.M < 0 || vector.EfConstruction < 0 || vector.EfSearch < 0)
            {
                throw new ArgumentException(
                    $"Vector field '{vector.Name}': M, EfConstruction and EfSearch must not be negative (0 takes the default)."
                );
            }
            if (vector.SourceField is { } source && schema.FindField(source) is not { Type: DataFieldType.String, IsList: false })
            {
                throw new ArgumentException(
                    $"Vector field '{vector.Name}' is embedded from '{source}', which is no text field of the schema."
                );
            }
        }
    }

    /// <exception cref="ArgumentException">The name cannot name a collection.</exception>
    public static void ValidateName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var characters = name.EnumerateRunes().Count();
        if (characters > MaxNameLength)
            throw new ArgumentException($"A collection's name has at most {MaxNameLength} characters; this one has {characters}.");
        if (name.Any(char.IsControl))
            throw new ArgumentException("A collection's name must not hold control characters.");
        if (!IsWellFormed(name))
            throw new ArgumentException("A collection's name must not hold half of a surrogate pair.");
    }

    /// <summary>Whether every surrogate is one of a pair: others have no encoding, so two names could be one folder.</summary>
    private static bool IsWellFormed(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsSurrogate(text[at]))
                continue;
            if (at + 1 >= text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                return false;
            at++;
        }

        return true;
    }

    private static void ValidateFieldName(string name, HashSet<string> names)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw new ArgumentException("A field's name must not be empty.");
        if (name[0] == '$')
            throw new ArgumentException($"Field name '{name}' starts with '$', which is kept for the engine's own fields.");
        if (!names.Add(name))
            throw new ArgumentException($"The schema has two fields named '{name}'.");
    }
}
