using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;
using SearchEngine.Vectors;

namespace SearchEngine.SemanticKernel;

/// <summary>Between VectorData's models and the engine's schemas.</summary>
internal static class SchemaMapping
{
    /// <summary>The engine's key kind of a .NET key type.</summary>
    public static bool TryMapKey(Type type, out RecordKeyKind kind)
    {
        kind = default;
        if (type == typeof(string))
            kind = RecordKeyKind.String;
        else if (type == typeof(Guid))
            kind = RecordKeyKind.Guid;
        else if (type == typeof(int))
            kind = RecordKeyKind.Int32;
        else if (type == typeof(long))
            kind = RecordKeyKind.Int64;
        else
            return false;
        return true;
    }

    /// <summary>
    /// The engine's index and code of a vector property. Hnsw, Flat and QuantizedFlat are what they say; Dynamic and no kind are Hnsw,
    /// whose
    /// search scans exactly where a filter leaves few records. Manhattan and Hamming have no graph: they are scanned whatever is asked for.
    /// </summary>
    /// <exception cref="NotSupportedException">An index kind that the engine has no counterpart of.</exception>
    public static (VectorIndexKind Index, VectorQuantization Quantization) MapIndex(VectorPropertyModel vector)
    {
        var (index, quantization) = vector.IndexKind switch
        {
            null or IndexKind.Hnsw or IndexKind.Dynamic => (VectorIndexKind.Hnsw, VectorQuantization.Int8),
            IndexKind.Flat => (VectorIndexKind.Flat, VectorQuantization.None),
            IndexKind.QuantizedFlat => (VectorIndexKind.Flat, VectorQuantization.Int8),
            _ => throw new NotSupportedException(
                $"Index kind '{vector.IndexKind}' of vector property '{vector.ModelName}' is not supported. Supported: Hnsw, Flat, QuantizedFlat, Dynamic (as Hnsw)."
            ),
        };
        var metric = DistanceMapping.Find(vector.DistanceFunction).Metric;
        if (metric is DistanceMetric.Manhattan or DistanceMetric.Hamming)
            (index, quantization) = (VectorIndexKind.Flat, VectorQuantization.None);
        return (index, SearchEngineAnnotations.Get(vector.ProviderAnnotations, SearchEngineAnnotations.Quantization, quantization));
    }

    /// <summary>The schema of a new collection.</summary>
    public static CollectionSchema ToSchema(CollectionModel model, string name, string analyzer, string? embeddingModel)
    {
        TryMapKey(model.KeyProperty.Type, out var keyKind);
        return new CollectionSchema
        {
            Name = name,
            KeyKind = keyKind,
            Analyzer = analyzer,
            EmbeddingModel = embeddingModel,
            Fields = [.. model.DataProperties.Select(ToField)],
            Vectors = [.. model.VectorProperties.Select(ToVectorField)],
        };
    }

    /// <summary>What keeps records of the model from living in the stored collection: one line each, empty where nothing does.</summary>
    public static IReadOnlyList<string> Compare(CollectionModel model, CollectionSchema stored)
    {
        var problems = new List<string>();
        TryMapKey(model.KeyProperty.Type, out var keyKind);
        if (stored.KeyKind != keyKind)
            problems.Add($"its keys are {stored.KeyKind}, the model's are {keyKind}");
        foreach (var property in model.DataProperties)
        {
            var wanted = ToField(property);
            if (stored.FindField(wanted.Name) is not { } found)
                problems.Add($"it has no data field '{wanted.Name}'");
            else if (found.Type != wanted.Type || found.IsList != wanted.IsList)
                problems.Add($"its field '{wanted.Name}' is {Describe(found)}, the model's is {Describe(wanted)}");
            else if (wanted.IsFullText && !found.IsFullText)
                problems.Add($"its field '{wanted.Name}' has no full-text index, the model asks for one");
        }

        foreach (var property in model.VectorProperties)
        {
            if (stored.FindVector(property.StorageName) is not { } found)
            {
                problems.Add($"it has no vector field '{property.StorageName}'");
            }
            else if (found.Dimension != property.Dimensions)
            {
                problems.Add(
                    $"its vector field '{property.StorageName}' has {found.Dimension} dimensions, the model's has {property.Dimensions}"
                );
            }
            else if (property.DistanceFunction is { } function && DistanceMapping.Find(function).Metric != found.Metric)
            {
                problems.Add($"its vector field '{property.StorageName}' compares by {found.Metric}, the model asks for {function}");
            }
        }

        return problems;
    }

    private static string Describe(DataField field) => field.IsList ? $"a list of {field.Type}" : field.Type.ToString();

    private static DataField ToField(DataPropertyModel property)
    {
        DataTypes.TryMap(property.Type, out var type, out var isList);
        return new DataField(property.StorageName, type)
        {
            IsList = isList,
            IsFilterable = property.IsIndexed && type != DataFieldType.Bytes,
            IsFullText = property.IsFullTextIndexed,
            Boost = SearchEngineAnnotations.Get(property.ProviderAnnotations, SearchEngineAnnotations.Boost, 1f),
        };
    }

    private static VectorField ToVectorField(VectorPropertyModel property)
    {
        var (index, quantization) = MapIndex(property);
        return new VectorField(property.StorageName, property.Dimensions)
        {
            Metric = DistanceMapping.Find(property.DistanceFunction).Metric,
            Index = index,
            Quantization = quantization,
            M = SearchEngineAnnotations.Get(property.ProviderAnnotations, SearchEngineAnnotations.M, 0),
            EfConstruction = SearchEngineAnnotations.Get(property.ProviderAnnotations, SearchEngineAnnotations.EfConstruction, 0),
            EfSearch = SearchEngineAnnotations.Get(property.ProviderAnnotations, SearchEngineAnnotations.EfSearch, 0),
        };
    }
}
