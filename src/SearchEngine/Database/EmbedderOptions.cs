using Microsoft.Extensions.AI;

namespace SearchEngine;

/// <summary>The embedding model of a database. The generators are the caller's: the database does not dispose them.</summary>
public sealed record EmbedderOptions
{
    /// <summary>
    /// The key under which a generator's <see cref="IEmbeddingGenerator.GetService"/> gives a <see cref="double"/> in [0, 1]: the weight of
    /// its vectors from which hybrid searches by relative scores start, as measured for the model (<see
    /// cref="FusionOptions.StartingWeight"/>). Generators that wrap others pass the question on. One that does not know the key leaves the
    /// weight to <see cref="SearchDefaults.VectorWeight"/>.
    /// </summary>
    public const string VectorWeightKey = "hybrid-vector-weight";

    /// <summary>Embeds documents (and queries, where <see cref="QueryGenerator"/> is null).</summary>
    public required IEmbeddingGenerator<string, Embedding<float>> Generator { get; init; }

    /// <summary>Embeds queries, for models that want them apart (an instruction in front, another prompt).</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? QueryGenerator { get; init; }

    /// <summary>
    /// Names the model and its exact weights; stored with collections that the model embeds (see
    /// <see cref="CollectionSchema.EmbeddingModel"/>). Null switches the check off.
    /// </summary>
    public string? Identity { get; init; }

    /// <summary>Texts handed to the generator at a time.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>The vector's weight as the model gives it; null where it gives none.</summary>
    /// <exception cref="ArgumentException">It gives a number outside [0, 1].</exception>
    internal double? VectorWeight
    {
        get
        {
            if ((QueryGenerator ?? Generator).GetService(typeof(double), VectorWeightKey) is not double weight)
                return null;
            return weight is >= 0 and <= 1
                ? weight
                : throw new ArgumentException($"The embedding generator gives {weight} as '{VectorWeightKey}': it must be 0 to 1.");
        }
    }
}
