using System.Security.Cryptography;
using System.Text.Json;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// Vectors made elsewhere: a Parquet file with the columns <c>text</c> and <c>vector</c>, or JSON lines
/// <c>{"text": …, "vector": […]}</c> (<see cref="VectorFileWriter"/> makes both). Held in memory: four bytes an element.
/// </summary>
internal sealed class VectorFileTeacher : Teacher
{
    private readonly Dictionary<string, float[]> _vectors;

    private VectorFileTeacher(TeacherConfig config, string identity, int dimension, Dictionary<string, float[]> vectors)
        : base(config)
    {
        Identity = identity;
        Dimension = dimension;
        _vectors = vectors;
    }

    public override string Identity { get; }

    public override int Dimension { get; }

    /// <summary>Reads the file.</summary>
    /// <exception cref="TrainingException">It is missing, empty, or a line is not of the form.</exception>
    public static VectorFileTeacher Load(TeacherConfig config, string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainingException(
                $"Teacher file '{path}' does not exist. Correct 'vectors' of this teacher; relative paths start at the configuration file."
            );
        }
        var vectors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var dimension = 0;
        foreach (var (place, text, vector) in ParquetVectors.IsParquet(path) ? ReadParquet(path) : ReadLines(path))
        {
            dimension = dimension == 0 ? vector.Length : dimension;
            if (vector.Length != dimension)
                throw new TrainingException($"{path}, {place}: the vector has {vector.Length} elements, those before it {dimension}.");
            vectors[text] = vector;
        }

        if (vectors.Count == 0)
            throw new TrainingException($"Teacher file '{path}' is empty: it holds no vector to learn from.");
        using var stream = File.OpenRead(path);
        return new VectorFileTeacher(config, Convert.ToHexStringLower(SHA256.HashData(stream)), dimension, vectors);
    }

    public override Task<IReadOnlyList<ReadOnlyMemory<float>?>> EmbedAsync(
        IReadOnlyList<DistillationText> texts,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<ReadOnlyMemory<float>?>>([
            .. texts.Select(t => _vectors.TryGetValue(t.Text, out var vector) ? vector : (ReadOnlyMemory<float>?)null),
        ]);

    private static IEnumerable<(string Place, string Text, float[] Vector)> ReadLines(string path)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            var (text, vector) = Parse(line, path, number);
            yield return ($"line {number}", text, vector);
        }
    }

    private static List<(string Place, string Text, float[] Vector)> ReadParquet(string path)
    {
        try
        {
            return ReadAllAsync().GetAwaiter().GetResult();
        }
        catch (FormatException e)
        {
            throw new TrainingException($"Teacher file '{path}': {e.Message}.", e);
        }

        async Task<List<(string, string, float[])>> ReadAllAsync()
        {
            var rows = new List<(string, string, float[])>();
            using var stream = File.OpenRead(path);
            await foreach (var (text, vector) in ParquetVectors.ReadAsync(stream).ConfigureAwait(false))
            {
                if (!vector.All(float.IsFinite))
                    throw new FormatException($"row {rows.Count + 1} has an element that is not finite");
                rows.Add(($"row {rows.Count + 1}", text, vector));
            }

            return rows;
        }
    }

    private static (string Text, float[] Vector) Parse(string line, string path, int number)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var text = json.RootElement.GetProperty("text").GetString();
            var vector = json.RootElement.GetProperty("vector").EnumerateArray().Select(e => e.GetSingle()).ToArray();
            if (text is null || vector.Length == 0 || !vector.All(float.IsFinite))
                throw new FormatException("an empty text or vector, or an element that is not finite");
            return (text, vector);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new TrainingException($"{path}, line {number}: expected {{\"text\": \"…\", \"vector\": [numbers]}} ({e.Message}).", e);
        }
    }
}
