using Microsoft.Extensions.Options;
using SearchEngine.Embeddings;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// The embedder that <c>AddSearchEngine</c> brings where the container has none. Loaded on first use; the container that resolves it
/// disposes it.
/// </summary>
internal sealed class DefaultEmbedder(IOptions<SearchEngineOptions> options)
{
    private readonly Lazy<Llm2VecEmbeddingGenerator> _generator = new(() =>
        Llm2VecEmbeddingGenerator.Load(options.Value.ModelDirectory ?? DefaultModel.Find())
    );

    public Llm2VecEmbeddingGenerator Generator => _generator.Value;
}
