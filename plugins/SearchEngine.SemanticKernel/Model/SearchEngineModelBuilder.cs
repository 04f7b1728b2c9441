using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace SearchEngine.SemanticKernel;

/// <summary>Builds the connector's model of a record type or definition: which keys, data and vector types are taken.</summary>
internal sealed class SearchEngineModelBuilder() : CollectionModelBuilder(BuildingOptions)
{
    private static readonly CollectionModelBuildingOptions BuildingOptions = new()
    {
        SupportsMultipleVectors = true,
        RequiresAtLeastOneVector = false,
    };

    /// <inheritdoc />
    protected override IReadOnlyList<EmbeddingGenerationDispatcher> EmbeddingGenerationDispatchers { get; } =
    [
        EmbeddingGenerationDispatcher.Create<Embedding<float>>(),
        EmbeddingGenerationDispatcher.Create<Embedding<Half>>(),
        EmbeddingGenerationDispatcher.Create<Embedding<sbyte>>(),
        EmbeddingGenerationDispatcher.Create<BinaryEmbedding>(),
    ];

    /// <summary>Builds the model of a record type (with or without a definition) or, for dictionaries, of a definition.</summary>
    public static CollectionModel BuildModel(
        Type recordType,
        Type keyType,
        VectorStoreCollectionDefinition? definition,
        IEmbeddingGenerator? generator
    )
    {
        if (recordType != typeof(Dictionary<string, object?>))
            return new SearchEngineModelBuilder().Build(recordType, keyType, definition, generator);
        ArgumentNullException.ThrowIfNull(definition);

        // The abstraction's dynamic build does not look at the definition's generator; the typed one does.
        return new SearchEngineModelBuilder().BuildDynamic(definition, definition.EmbeddingGenerator ?? generator);
    }

    /// <inheritdoc />
    protected override bool SupportsKeyAutoGeneration(Type keyPropertyType) =>
        keyPropertyType == typeof(Guid) || keyPropertyType == typeof(int) || keyPropertyType == typeof(long);

    /// <inheritdoc />
    protected override void ValidateKeyProperty(KeyPropertyModel keyProperty)
    {
        base.ValidateKeyProperty(keyProperty);
        if (!SchemaMapping.TryMapKey(keyProperty.Type, out _))
        {
            throw new NotSupportedException(
                $"Key property '{keyProperty.ModelName}' has unsupported type '{keyProperty.Type.Name}'. Keys must be one of the supported types: string, Guid, int, long."
            );
        }
    }

    /// <inheritdoc />
    protected override void ValidateProperty(PropertyModel propertyModel, VectorStoreCollectionDefinition? definition)
    {
        base.ValidateProperty(propertyModel, definition);
        switch (propertyModel)
        {
            case VectorPropertyModel vector:
                _ = DistanceMapping.Find(vector.DistanceFunction);
                _ = SchemaMapping.MapIndex(vector);
                break;
            case DataPropertyModel { IsFullTextIndexed: true } data
                when (DataTypes.GetElementType(data.Type) ?? data.Type) != typeof(string):
                throw new NotSupportedException(
                    $"Property '{data.ModelName}' has type '{data.Type.Name}'; full-text indexing needs a string or a list of strings."
                );
        }
    }

    /// <inheritdoc />
    protected override bool IsDataPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
    {
        supportedTypes = DataTypes.Supported;
        return DataTypes.TryMap(type, out _, out _);
    }

    /// <inheritdoc />
    protected override bool IsVectorPropertyTypeValid(Type type, [NotNullWhen(false)] out string? supportedTypes)
    {
        supportedTypes = VectorTypes.Supported;
        return VectorTypes.IsSupported(type);
    }
}
