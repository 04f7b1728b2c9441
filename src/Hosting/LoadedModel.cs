using Microsoft.Extensions.AI;
using SearchEngine.Embeddings;

namespace SearchEngine.Hosting;

/// <summary>A model in memory, with what the engine wants to know of it. Only commands that embed touch this type: it loads Torch.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly Llm2VecEmbeddingGenerator _generator;

    private LoadedModel(Llm2VecEmbeddingGenerator generator)
    {
        _generator = generator;
        Queries = generator.AsQueryGenerator();
    }

    public IEmbeddingGenerator<string, Embedding<float>> Documents => _generator;

    public IEmbeddingGenerator<string, Embedding<float>> Queries { get; }

    public Llm2VecEmbeddingGenerator Generator => _generator;

    public int Dimension => _generator.Dimension;

    /// <summary>Names the model and its exact weights; a collection remembers it.</summary>
    public string Identity => $"{_generator.ModelId}@{_generator.Fingerprint}";

    public static LoadedModel Load(ModelPlan plan)
    {
        if (!Directory.Exists(plan.Folder))
            throw new HostException($"There is no model folder {plan.Folder}; --model takes a folder with config.json, a tokenizer and safetensors.");
        foreach (var adapter in plan.Adapters)
        {
            if (!Directory.Exists(adapter)) throw new HostException($"There is no adapter folder {adapter}.");
        }

        return new LoadedModel(Llm2VecEmbeddingGenerator.Load(OptionsOf(plan)));
    }

    public Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedTokensAsync(IReadOnlyList<int[]> sequences, CancellationToken cancellationToken) =>
        _generator.EmbedTokensAsync(sequences, cancellationToken);

    public EmbedderOptions ToEmbedder() => new() { Generator = Documents, QueryGenerator = Queries, Identity = Identity };

    public void Dispose() => _generator.Dispose();

    private static Llm2VecOptions OptionsOf(ModelPlan plan) => new()
    {
        ModelPath = plan.Folder,
    };
}
