using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData.ProviderServices;
using SearchEngine.Embeddings;

namespace SearchEngine.SemanticKernel;

/// <summary>Which generator embeds what, and the model's identity. Immutable, thread-safe.</summary>
internal sealed class EmbeddingResolver
{
    private readonly SearchEngineCollectionOptions _options;
    private readonly Dictionary<VectorPropertyModel, IEmbeddingGenerator> _queryGenerators = [];

    public EmbeddingResolver(CollectionModel model, SearchEngineCollectionOptions options)
    {
        _options = options;
        foreach (var property in model.VectorProperties)
        {
            if (FindQueryGenerator(property) is { } generator)
                _queryGenerators[property] = generator;
        }

        Identity =
            options.EmbeddingModel
            ?? model
                .VectorProperties.Where(p => !VectorTypes.IsSupported(p.Type))
                .Select(p => IdentityOf(p.EmbeddingGenerator))
                .Distinct()
                .ToArray() switch
            {
                [var single] => single,
                _ => null,
            };
    }

    /// <summary>The model that makes the collection's vectors; null where nobody says, or where several do.</summary>
    public string? Identity { get; }

    /// <summary>The query vector of a search value.</summary>
    /// <exception cref="NotSupportedException">The value is no vector and there is no generator.</exception>
    /// <exception cref="InvalidOperationException">The generator does not take such values.</exception>
    public async ValueTask<ReadOnlyMemory<float>> EmbedQueryAsync<TInput>(
        VectorPropertyModel property,
        TInput value,
        CancellationToken cancellationToken
    )
        where TInput : notnull
    {
        if (VectorTypes.TryRead(value, out var vector))
            return vector;
        if (_queryGenerators.TryGetValue(property, out var queryGenerator))
            return await EmbedAsync(queryGenerator, value, cancellationToken).ConfigureAwait(false);

        if (property.EmbeddingGenerator is null)
        {
            throw new NotSupportedException(
                VectorDataStrings.InvalidSearchInputAndNoEmbeddingGeneratorWasConfigured(value.GetType(), VectorTypes.Supported)
            );
        }

        if (property.EmbeddingGenerationDispatcher is null)
        {
            throw new InvalidOperationException(
                VectorDataStrings.IncompatibleEmbeddingGeneratorWasConfiguredForInputType(
                    value.GetType(),
                    property.EmbeddingGenerator.GetType()
                )
            );
        }

        var embedding = await property.GenerateEmbeddingAsync(value, cancellationToken).ConfigureAwait(false);
        return VectorTypes.TryRead(embedding, out vector)
            ? vector
            : throw new InvalidOperationException(VectorDataStrings.EmbeddingGeneratorWithInvalidEmbeddingType(property));
    }

    /// <summary>
    /// The vectors of the records' inputs of one property, by the order of the inputs; null where the input is null or an empty text, which
    /// leaves its record without the vector.
    /// </summary>
    public static async Task<ReadOnlyMemory<float>?[]> EmbedDocumentsAsync(
        VectorPropertyModel property,
        IReadOnlyList<object?> inputs,
        CancellationToken cancellationToken
    )
    {
        var present = new List<object?>(inputs.Count);
        foreach (var input in inputs)
        {
            if (IsPresent(input))
                present.Add(input);
        }

        var vectors = new ReadOnlyMemory<float>?[inputs.Count];
        if (present.Count == 0)
            return vectors;
        var embeddings = await property.GenerateEmbeddingsAsync(present, cancellationToken).ConfigureAwait(false);
        if (embeddings.Count != present.Count)
        {
            throw new InvalidOperationException(
                $"The embedding generator of property '{property.ModelName}' made {embeddings.Count} embeddings of {present.Count} inputs."
            );
        }

        for (int i = 0, next = 0; i < inputs.Count; i++)
        {
            if (!IsPresent(inputs[i]))
                continue;
            vectors[i] = VectorTypes.TryRead(embeddings[next++], out var vector)
                ? vector
                : throw new InvalidOperationException(VectorDataStrings.EmbeddingGeneratorWithInvalidEmbeddingType(property));
        }

        return vectors;

        static bool IsPresent(object? input) => input is not null and not "";
    }

    private static async Task<ReadOnlyMemory<float>> EmbedAsync<TInput>(
        IEmbeddingGenerator generator,
        TInput value,
        CancellationToken cancellationToken
    ) =>
        (generator, value) switch
        {
            (IEmbeddingGenerator<string, Embedding<float>> g, string text) => (
                await g.GenerateAsync(text, null, cancellationToken).ConfigureAwait(false)
            ).Vector,
            (IEmbeddingGenerator<DataContent, Embedding<float>> g, DataContent content) => (
                await g.GenerateAsync(content, null, cancellationToken).ConfigureAwait(false)
            ).Vector,
            (IEmbeddingGenerator<TInput, Embedding<float>> g, _) => (
                await g.GenerateAsync(value, null, cancellationToken).ConfigureAwait(false)
            ).Vector,
            _ => throw new InvalidOperationException(
                VectorDataStrings.IncompatibleEmbeddingGeneratorWasConfiguredForInputType(value!.GetType(), generator.GetType())
            ),
        };

    /// <summary>
    /// The property's own query generator; else the store's, for properties that the store's generator embeds (a query must come from the
    /// model that made the documents); else the query side of an LLM2Vec model.
    /// </summary>
    private IEmbeddingGenerator? FindQueryGenerator(VectorPropertyModel property)
    {
        if (
            SearchEngineAnnotations.Get<IEmbeddingGenerator?>(property.ProviderAnnotations, SearchEngineAnnotations.QueryGenerator, null) is
            { } own
        )
        {
            return own;
        }
        if (
            _options.QueryEmbeddingGenerator is { } shared
            && (property.EmbeddingGenerator is null || ReferenceEquals(property.EmbeddingGenerator, _options.EmbeddingGenerator))
        )
        {
            return shared;
        }
        return (
            property.EmbeddingGenerator?.GetService(typeof(Llm2VecEmbeddingGenerator)) as Llm2VecEmbeddingGenerator
        )?.AsQueryGenerator();
    }

    /// <summary>
    /// Fusion as asked for; where its weights are left open, starting from the vector's weight that the property's own generator records
    /// (whatever wraps it): the database of a store need not know the model at all.
    /// </summary>
    /// <exception cref="ArgumentException">The generator gives a number outside [0, 1].</exception>
    public FusionOptions Complete(FusionOptions fusion, VectorPropertyModel property)
    {
        if (fusion is not { Method: FusionMethod.RelativeScore, VectorWeight: null, KeywordWeight: null, StartingWeight: null })
            return fusion;
        if ((WeightOf(property.EmbeddingGenerator) ?? WeightOf(_queryGenerators.GetValueOrDefault(property))) is not { } weight)
            return fusion;
        return weight is >= 0 and <= 1
            ? fusion with
            {
                StartingWeight = weight,
            }
            : throw new ArgumentException(
                $"The embedding generator of property '{property.ModelName}' gives {weight} as "
                    + $"'{EmbedderOptions.VectorWeightKey}': it must be 0 to 1."
            );
    }

    /// <summary>The length of the vectors that a generator says it makes; null where it does not say.</summary>
    public static int? DimensionsOf(IEmbeddingGenerator? generator) =>
        (generator?.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelDimensions;

    private static double? WeightOf(IEmbeddingGenerator? generator) =>
        generator?.GetService(typeof(double), EmbedderOptions.VectorWeightKey) as double?;

    private static string? IdentityOf(IEmbeddingGenerator? generator) =>
        (generator?.GetService(typeof(Llm2VecEmbeddingGenerator)) as Llm2VecEmbeddingGenerator)?.Fingerprint
        ?? (generator?.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelId;
}
