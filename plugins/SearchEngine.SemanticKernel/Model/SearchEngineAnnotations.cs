using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using SearchEngine.Vectors;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Tuning of single properties that VectorData has no words for, set on the properties of a <see cref="VectorStoreCollectionDefinition"/>.
/// </summary>
public static class SearchEngineAnnotations
{
    internal const string M = "SearchEngine:M";
    internal const string EfConstruction = "SearchEngine:EfConstruction";
    internal const string EfSearch = "SearchEngine:EfSearch";
    internal const string Quantization = "SearchEngine:Quantization";
    internal const string Boost = "SearchEngine:Boost";
    internal const string QueryGenerator = "SearchEngine:QueryEmbeddingGenerator";

    /// <summary>Sets the graph's parameters; a parameter of 0 keeps the engine's default. Used when the collection is created.</summary>
    /// <param name="property">The vector property.</param>
    /// <param name="m">Links per node in the upper layers.</param>
    /// <param name="efConstruction">Beam width while inserting.</param>
    /// <param name="efSearch">Beam width of a search that names none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is negative.</exception>
    public static VectorStoreVectorProperty WithHnsw(
        this VectorStoreVectorProperty property,
        int m = 0,
        int efConstruction = 0,
        int efSearch = 0
    )
    {
        ArgumentNullException.ThrowIfNull(property);
        ArgumentOutOfRangeException.ThrowIfNegative(m);
        ArgumentOutOfRangeException.ThrowIfNegative(efConstruction);
        ArgumentOutOfRangeException.ThrowIfNegative(efSearch);
        Set(property, M, m);
        Set(property, EfConstruction, efConstruction);
        Set(property, EfSearch, efSearch);
        return property;
    }

    /// <summary>
    /// Sets the codes that the index keeps in memory. Full-precision vectors are stored in any case. Used when the collection is created.
    /// </summary>
    public static VectorStoreVectorProperty WithQuantization(this VectorStoreVectorProperty property, VectorQuantization quantization)
    {
        ArgumentNullException.ThrowIfNull(property);
        Set(property, Quantization, quantization);
        return property;
    }

    /// <summary>
    /// Sets the generator that embeds search inputs of the property, for models that want queries embedded in another way than documents.
    /// </summary>
    public static VectorStoreVectorProperty WithQueryEmbeddingGenerator(
        this VectorStoreVectorProperty property,
        IEmbeddingGenerator generator
    )
    {
        ArgumentNullException.ThrowIfNull(property);
        ArgumentNullException.ThrowIfNull(generator);
        Set(property, QueryGenerator, generator);
        return property;
    }

    /// <summary>Sets the field's weight in keyword search. Used when the collection is created.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The boost is not above 0.</exception>
    public static VectorStoreDataProperty WithBoost(this VectorStoreDataProperty property, float boost)
    {
        ArgumentNullException.ThrowIfNull(property);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(boost);
        Set(property, Boost, boost);
        return property;
    }

    internal static T Get<T>(IReadOnlyDictionary<string, object?>? annotations, string name, T fallback) =>
        annotations is not null && annotations.TryGetValue(name, out var value) && value is T typed ? typed : fallback;

    private static void Set(VectorStoreProperty property, string name, object value) => (property.ProviderAnnotations ??= [])[name] = value;
}
