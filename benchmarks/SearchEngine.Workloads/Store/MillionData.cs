using System.Numerics.Tensors;

namespace SearchEngine.Workloads.Store;

/// <summary>Records of <see cref="StoreMillion"/>, each made from its number alone so that any of them can be checked later.</summary>
internal static class MillionData
{
    public const string CollectionName = "million";
    public const string VectorName = "embedding";
    private const int Clusters = 2000;
    private const float Spread = 0.7f;
    private const int Words = 12;
    private const int Vocabulary = 20_000;

    private static float[]? s_centres;

    public static CollectionSchema Schema(MillionOptions options) =>
        new()
        {
            Name = CollectionName,
            KeyKind = RecordKeyKind.Int32,
            Fields =
            [
                new DataField("text", DataFieldType.String) { IsFullText = true },
                new DataField("group", DataFieldType.Int32) { IsFilterable = true },
            ],
            Vectors = [new VectorField(VectorName, options.Dimensions) { EfConstruction = MillionOptions.EfConstruction }],
        };

    public static string Describe(int dimensions) => $"{Words} words with a full-text index, a number to filter by, {dimensions} float32";

    public static IReadOnlyCollection<Document> Documents(MillionOptions options, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(number => Document(options, number))];

    public static Document Document(MillionOptions options, int number)
    {
        var random = new Random(number);
        var words = new string[Words];
        for (var i = 0; i < words.Length; i++)
            words[i] = "w" + (int)(Vocabulary * Math.Pow(random.NextDouble(), 3));
        return new Document(number)
        {
            ["text"] = string.Join(' ', words),
            ["group"] = number % 100,
            Vectors = { [VectorName] = Vector(options.Dimensions, random) },
        };
    }

    /// <summary>A unit vector around one of the centres, which are those of the first call's dimensions.</summary>
    public static float[] Vector(int dimensions, Random random)
    {
        var centres = s_centres ??= Centres(dimensions);
        var vector = centres.AsSpan(random.Next(Clusters) * dimensions, dimensions).ToArray();
        var scale = Spread * MathF.Sqrt(12f / dimensions);
        for (var d = 0; d < dimensions; d++)
            vector[d] += scale * (random.NextSingle() - 0.5f);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm(vector), vector);
        return vector;
    }

    private static float[] Centres(int dimensions)
    {
        var random = new Random(11);
        var centres = new float[Clusters * dimensions];
        for (var i = 0; i < centres.Length; i++)
            centres[i] = random.NextSingle() - 0.5f;
        for (var c = 0; c < Clusters; c++)
        {
            var centre = centres.AsSpan(c * dimensions, dimensions);
            TensorPrimitives.Divide(centre, TensorPrimitives.Norm(centre), centre);
        }

        return centres;
    }
}
