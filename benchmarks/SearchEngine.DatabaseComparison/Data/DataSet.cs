namespace SearchEngine.DatabaseComparison.Data;

/// <summary>
/// Records (a vector, a text, a number from 0 to 999 to filter by) and queries. The records behind <see cref="Count"/> are not loaded
/// at first: single writes take them. The first <see cref="Tuned"/> queries choose each database's effort, the others are measured.
/// </summary>
internal sealed class DataSet
{
    public const int Spare = 1_000;
    public const int Tuned = 100;
    public const int Measured = 400;
    private const int Buckets = 1_000;
    private const int BucketStep = 7_919;

    private DataSet(float[] vectors, float[] queries, int dimension, string[] texts, string[] sentences, string[] words, int[][] truth)
    {
        (Vectors, Queries, Dimension, Texts, Sentences, Words, Truth) = (vectors, queries, dimension, texts, sentences, words, truth);
    }

    public float[] Vectors { get; }

    public float[] Queries { get; }

    public int Dimension { get; }

    public string[] Texts { get; }

    /// <summary>A sentence for each query.</summary>
    public string[] Sentences { get; }

    /// <summary>Three words for each query.</summary>
    public string[] Words { get; }

    /// <summary>The ten nearest of the first <see cref="Count"/> records of each query.</summary>
    public int[][] Truth { get; }

    public int Count => Texts.Length - Spare;

    /// <summary>What a record is filtered by.</summary>
    public static int BucketOf(int record) => (int)((long)record * BucketStep % Buckets);

    public ReadOnlyMemory<float> Vector(int record) => Vectors.AsMemory(record * Dimension, Dimension);

    public ReadOnlyMemory<float> Query(int query) => Queries.AsMemory(query * Dimension, Dimension);

    public static DataSet Read(string directory)
    {
        var vectors = VectorFile.Read(Path.Combine(directory, "base.fvecs"), out var dimension);
        return new DataSet(
            vectors,
            VectorFile.Read(Path.Combine(directory, "query.fvecs"), out _),
            dimension,
            File.ReadAllLines(Path.Combine(directory, "texts.txt")),
            File.ReadAllLines(Path.Combine(directory, "sentences.txt")),
            File.ReadAllLines(Path.Combine(directory, "words.txt")),
            [.. File.ReadLines(Path.Combine(directory, "truth.txt")).Select(line => line.Split(' ').Select(int.Parse).ToArray())]
        );
    }

    /// <summary>Writes a data set and the exact neighbours of its queries.</summary>
    public static void Write(string directory, float[] vectors, float[] queries, int dimension, string[] texts, string[] asked)
    {
        Directory.CreateDirectory(directory);
        VectorFile.Write(Path.Combine(directory, "base.fvecs"), vectors, dimension);
        VectorFile.Write(Path.Combine(directory, "query.fvecs"), queries, dimension);
        File.WriteAllLines(Path.Combine(directory, "texts.txt"), texts);
        File.WriteAllLines(Path.Combine(directory, "sentences.txt"), asked.Select(QueryTexts.Sentence));
        File.WriteAllLines(Path.Combine(directory, "words.txt"), asked.Select(QueryTexts.ThreeWords));
        var truth = Neighbours.Of(vectors.AsMemory(0, (texts.Length - Spare) * dimension), queries, dimension, 10);
        File.WriteAllLines(Path.Combine(directory, "truth.txt"), truth.Select(row => string.Join(' ', row)));
    }
}
