using System.IO.Hashing;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.Extensions.AI;

namespace SearchEngine.Workloads.Ingest;

/// <summary>
/// Vectors around some thousand centres, drawn from the text's hash: a graph of them is made as fast as one of a model's vectors, which a
/// graph of evenly drawn ones is not.
/// </summary>
internal sealed class MadeUpVectors(int dimension) : IEmbeddingGenerator<string, Embedding<float>>
{
    private const int Centres = 2_000;
    private const float Spread = 0.7f;

    private readonly float[] _centres = Drawn(new Random(11), Centres * dimension);

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    ) => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(text => new Embedding<float>(Embed(text)))));

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }

    private float[] Embed(string text)
    {
        var random = new Random((int)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(text.AsSpan())));
        var vector = Drawn(random, dimension);
        TensorPrimitives.Multiply(vector, Spread, vector);
        TensorPrimitives.Add(vector, _centres.AsSpan(random.Next(Centres) * dimension, dimension), vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return vector;
    }

    private static float[] Drawn(Random random, int count)
    {
        var drawn = new float[count];
        for (var i = 0; i < count; i++)
            drawn[i] = random.NextSingle() - 0.5f;
        return drawn;
    }
}
