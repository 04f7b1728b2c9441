using Microsoft.Extensions.AI;
using SearchEngine.Embeddings;

namespace SearchEngine.Hosting;

/// <summary>
/// A model in memory, with what the engine wants to know of it. Only commands that embed touch this type: it loads Torch.
/// </summary>
internal sealed class LoadedModel : IDisposable
{
    /// <summary>64 bits: two models of one user do not meet by chance.</summary>
    private const int IdentityDigits = 16;

    private LoadedModel(Llm2VecEmbeddingGenerator generator)
    {
        Generator = generator;
        Queries = generator.AsQueryGenerator();
    }

    public Llm2VecEmbeddingGenerator Generator { get; }

    public IEmbeddingGenerator<string, Embedding<float>> Documents => Generator;

    public IEmbeddingGenerator<string, Embedding<float>> Queries { get; }

    public int Dimension => Generator.Dimension;

    /// <summary>Names the exact weights and how they are used, wherever the folder lies; a collection remembers it.</summary>
    public string Identity => "llm2vec:" + Generator.Fingerprint[..IdentityDigits];

    public static LoadedModel Load(ModelPlan plan)
    {
        RequireFolder(plan.Folder, "model", "--model takes a folder with config.json, a tokenizer and safetensors");
        foreach (var adapter in plan.Adapters)
            RequireFolder(adapter, "adapter", "--adapter takes a folder with adapter_config.json and its weights");
        return new LoadedModel(Llm2VecEmbeddingGenerator.Load(OptionsOf(plan)));
    }

    public EmbedderOptions ToEmbedder() =>
        new()
        {
            Generator = Documents,
            QueryGenerator = Queries,
            Identity = Identity,
        };

    /// <summary>Embeds the passages of a document in its context.</summary>
    /// <exception cref="HostException">The model does not pool by the mean.</exception>
    public static Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<ReadOnlyMemory<float>>>> PassagesOf(
        Llm2VecEmbeddingGenerator generator
    )
    {
        if (!generator.CanEmbedPassages)
        {
            throw new HostException(
                $"Late chunking (--late-chunking, Ingestion:LateChunking) needs a model that pools by the mean, which {generator.ModelId} does not: leave it out."
            );
        }

        return async (passages, cancellationToken) =>
            Array.ConvertAll(
                await generator.EmbedPassagesAsync(passages, cancellationToken: cancellationToken),
                vector => (ReadOnlyMemory<float>)vector
            );
    }

    public void Dispose() => Generator.Dispose();

    private static void RequireFolder(string path, string kind, string advice)
    {
        if (File.Exists(path))
            throw new HostException($"{path} is a file; {advice}.");
        if (!Directory.Exists(path))
            throw new HostException($"There is no {kind} folder {path}; {advice}.");
    }

    private static Llm2VecOptions OptionsOf(ModelPlan plan) =>
        new()
        {
            ModelPath = plan.Folder,
            Adapters = [.. plan.Adapters.Select(Path.GetFullPath)],
            Device = plan.Device,
            DataType = plan.DataType,
            WeightCache = plan.WeightCache,
            MaxLength = plan.MaxLength > 0 ? plan.MaxLength : null,
            Dimensions = plan.Dimensions > 0 ? plan.Dimensions : null,
            Attention = plan.Attention is { } attention ? Enum.Parse<AttentionMode>(attention, ignoreCase: true) : null,
            Pooling = plan.Pooling is { } pooling
                ? Enum.Parse<PoolingMode>(pooling.Replace("_", string.Empty, StringComparison.Ordinal), ignoreCase: true)
                : null,
            Normalize = plan.Normalize ? null : false,
            QueryPrompt = plan.Instruction is null ? null : PromptOf(plan.Instruction),
        };

    /// <summary>
    /// As the LLM2Vec reference puts an instruction in front of a query: trimmed, with one space after it. Documents carry none.
    /// </summary>
    private static string PromptOf(string instruction) => instruction.Trim() is { Length: > 0 } text ? text + " " : string.Empty;
}
