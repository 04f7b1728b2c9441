using Microsoft.Extensions.AI;

namespace SearchEngine.Embeddings;

/// <summary>A view of a generator with another default role. It does not own the generator.</summary>
internal sealed class RoleEmbeddingGenerator(Llm2VecEmbeddingGenerator inner, EmbeddingRole role)
    : IEmbeddingGenerator<string, Embedding<float>>
{
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    ) => inner.GenerateAsync(values, options, role, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : inner.GetService(serviceType, serviceKey);
    }

    public void Dispose()
    {
        // The generator belongs to whoever loaded it.
    }
}
