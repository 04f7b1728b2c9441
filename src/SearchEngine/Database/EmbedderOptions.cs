using Microsoft.Extensions.AI;

namespace SearchEngine;

/// <summary>The embedding model of a database. The generators are the caller's: the database does not dispose them.</summary>
public sealed record EmbedderOptions
{
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
}
