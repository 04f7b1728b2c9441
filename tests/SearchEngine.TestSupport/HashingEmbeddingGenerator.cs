using System.IO.Hashing;
using System.Text;
using Microsoft.Extensions.AI;

namespace SearchEngine.TestSupport;

/// <summary>
/// A real, if simple, embedder for tests of what lies above one: each lower-cased word adds a random unit-length direction seeded by
/// its hash, so that texts that share words are close. Deterministic; thread-safe.
/// </summary>
public sealed class HashingEmbeddingGenerator(int dimension = 64, string model = "hashing") : IEmbeddingGenerator<string, Embedding<float>>
{
    public int Dimension { get; } = dimension;

    /// <summary>Texts embedded so far.</summary>
    public int TextCount => _textCount;

    private int _textCount;

    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values,
        EmbeddingGenerationOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        var made = new GeneratedEmbeddings<Embedding<float>>();
        foreach (var value in values)
        {
            made.Add(new Embedding<float>(Embed(value)));
            Interlocked.Increment(ref _textCount);
        }

        return Task.FromResult(made);
    }

    public float[] Embed(string text)
    {
        var sum = new float[Dimension];
        sum[0] = 1e-3f;
        foreach (
            var word in text.ToLowerInvariant()
                .Split((char[])[' ', '.', ',', '\n', '\t', ':', ';', '?', '!'], StringSplitOptions.RemoveEmptyEntries)
        )
        {
            var random = new Random((int)Crc32.HashToUInt32(Encoding.UTF8.GetBytes(word)));
            for (var i = 0; i < sum.Length; i++)
                sum[i] += (float)(random.NextDouble() - 0.5);
        }

        var norm = MathF.Sqrt(sum.Sum(x => x * x));
        return Array.ConvertAll(sum, x => x / norm);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(EmbeddingGeneratorMetadata)
            ? new EmbeddingGeneratorMetadata("test", null, model, Dimension)
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() { }
}
