using System.IO.Hashing;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;
using SearchEngine.Workloads.Store;

namespace SearchEngine.Workloads.Ingest;

/// <summary>
/// Vectors around some thousand centres, drawn from the text's hash: a graph of them is made as fast as one of a model's vectors, which a
/// graph of evenly drawn ones is not.
/// </summary>
internal sealed class MadeUpVectors(int dimension) : IEmbeddingGenerator<string, Embedding<float>>
{
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(Embed(text)))));

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }

    private float[] Embed(string text) =>
        MillionData.Vector(dimension, new Random((int)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan()))));
}
