using System.Globalization;
using Microsoft.Extensions.AI;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>
/// Embeds texts that are vectors already, "[1, 2, 3]"; can put a number of its own in the last place, to show which generator ran.
/// </summary>
public sealed class LiteralGenerator(float? last = null, string? modelId = null) : IEmbeddingGenerator<string, Embedding<float>>
{
    public int Calls { get; private set; }

    public List<int> BatchSizes { get; } = [];

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        Calls++;
        var result = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var value in values)
        {
            var vector = value.Trim('[', ']').Split(',').Select(s => float.Parse(s, CultureInfo.InvariantCulture)).ToArray();
            if (last is { } own)
                vector[^1] = own;
            result.Add(new Embedding<float>(vector));
        }

        BatchSizes.Add(result.Count);
        return Task.FromResult(result);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(EmbeddingGeneratorMetadata) && modelId is not null
            ? new EmbeddingGeneratorMetadata("test", null, modelId)
            : null;

    public void Dispose() { }
}

/// <summary>
/// Embeds a text by hashing its words into buckets (the hashing trick): texts with the same words are near, deterministically.
/// </summary>
public sealed class HashingGenerator(int dimensions = 64) : IEmbeddingGenerator<string, Embedding<float>>
{
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var result = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var value in values)
        {
            var vector = new float[dimensions];
            foreach (var word in value.ToLowerInvariant().Split([' ', '\n', '.', ',', '?', '!'], StringSplitOptions.RemoveEmptyEntries))
            {
                var hash = 2166136261u;
                foreach (var c in word)
                    hash = (hash ^ c) * 16777619u;
                vector[hash % (uint)dimensions] += 1f;
            }

            result.Add(new Embedding<float>(vector));
        }

        return Task.FromResult(result);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", null, "hashing", dimensions)
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() { }
}
