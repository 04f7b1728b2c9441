using Microsoft.Extensions.VectorData;

namespace SearchEngine.Workloads.Connector;

/// <summary>
/// A memory record as applications have it: key, text with a full-text index, a category to filter by, a number and a vector.
/// </summary>
internal sealed class ConnectorRecord
{
    private static readonly string[] Words =
    [
        .. Enumerable
            .Range(0, 4_000)
            .Select(i =>
                string.Concat(
                    Enumerable
                        .Range(0, 3)
                        .Select(part => "ba be bi bo bu da de di do du ka ke ki ko ku ra".Split(' ')[(i >> (4 * part)) & 15])
                )
            ),
    ];

    public string Id { get; set; } = "";

    public string? Text { get; set; }

    public string? Category { get; set; }

    public int Number { get; set; }

    public ReadOnlyMemory<float> Vector { get; set; }

    public static VectorStoreCollectionDefinition Definition(int dimension) =>
        new()
        {
            Properties =
            [
                new VectorStoreKeyProperty(nameof(Id), typeof(string)),
                new VectorStoreDataProperty(nameof(Text), typeof(string)) { IsFullTextIndexed = true },
                new VectorStoreDataProperty(nameof(Category), typeof(string)) { IsIndexed = true },
                new VectorStoreDataProperty(nameof(Number), typeof(int)),
                new VectorStoreVectorProperty(nameof(Vector), typeof(ReadOnlyMemory<float>), dimension)
                {
                    DistanceFunction = DistanceFunction.CosineSimilarity,
                    IndexKind = IndexKind.Hnsw,
                },
            ],
        };

    /// <summary>
    /// Record <paramref name="number"/>: 30 words, one of 20 categories, a vector around one of 1,000 centres. The same on every call.
    /// </summary>
    public static ConnectorRecord Make(int number, int dimension)
    {
        var random = new Random(number);
        return new ConnectorRecord
        {
            Id = $"record-{number}",
            Text = string.Join(' ', Enumerable.Range(0, 30).Select(_ => Words[(int)(Words.Length * Math.Pow(random.NextDouble(), 2))])),
            Category = $"category-{number % 20}",
            Number = number,
            Vector = MakeVector(number, dimension, random),
        };
    }

    public static float[] MakeVector(int number, int dimension, Random random)
    {
        var centre = new Random(-1 - (number % 1_000));
        var vector = new float[dimension];
        for (var i = 0; i < dimension; i++)
            vector[i] = (float)(centre.NextDouble() - 0.5 + (1.25 * (random.NextDouble() - 0.5)));
        return vector;
    }

    /// <summary>The record as the engine's own API takes it.</summary>
    public Document ToDocument() =>
        new(Id)
        {
            Fields =
            {
                [nameof(Text)] = Text,
                [nameof(Category)] = Category,
                [nameof(Number)] = Number,
            },
            Vectors = { [nameof(Vector)] = Vector },
        };
}
