using System.Text.Json;

namespace SearchEngine.Embeddings;

/// <summary>
/// What was measured of a model's vectors beside keywords, kept in its folder as fusion.json: the weight from which hybrid searches did
/// best, and the sets it was chosen on. Engines ask a generator for the weight; see <see cref="VectorWeightKey"/>. Immutable.
/// </summary>
/// <param name="VectorWeight">The vector's weight in [0, 1] from which a hybrid search by relative scores starts; keywords have the
/// rest.</param>
public sealed record HybridRecord(double VectorWeight)
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "fusion.json";

    /// <summary>The key under which <see cref="Llm2VecEmbeddingGenerator.GetService"/> gives the weight as a <see cref="double"/>.</summary>
    public const string VectorWeightKey = "hybrid-vector-weight";

    /// <summary>The key under which <see cref="Llm2VecEmbeddingGenerator.GetService"/> gives <see cref="FarthestAnswer"/>, where there is one.</summary>
    public const string FarthestAnswerKey = "farthest-answer";

    /// <summary>
    /// The cosine distance, in (0, 2], beyond which a nearest record is no answer where no word matches either; null where it was not measured.
    /// Kept when the weight is measured anew.
    /// </summary>
    public double? FarthestAnswer { get; init; }

    /// <summary>What the weight was chosen on, for people.</summary>
    public IReadOnlyList<HybridMeasurement> Measured { get; init; } = [];

    /// <summary>Reads the file of a folder; null if it has none.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or its weight is none.</exception>
    public static HybridRecord? Read(string folder)
    {
        var file = JsonFile.ReadObjectIfExists(Path.Combine(folder, FileName));
        if (file is null)
            return null;
        if (
            file.Field("vector_weight") is not { ValueKind: JsonValueKind.Number } number
            || !number.TryGetDouble(out var weight)
            || weight is not (>= 0 and <= 1)
        )
        {
            throw new ModelFormatException(
                file.Path,
                "'vector_weight' is not a number from 0 to 1. Correct it, measure it anew with 'eval fusion --write', or delete the file."
            );
        }

        return new HybridRecord(weight) { FarthestAnswer = ReadFarthest(file), Measured = ReadMeasured(file) };
    }

    /// <summary>Writes the file into a folder, atomically.</summary>
    public void Write(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        JsonFile.WriteObject(
            Path.Combine(folder, FileName),
            json =>
            {
                json.WriteNumber("vector_weight", VectorWeight);
                if (FarthestAnswer is { } farthest)
                    json.WriteNumber("farthest_answer", farthest);
                json.WriteStartArray("measured");
                foreach (var one in Measured)
                {
                    json.WriteStartObject();
                    json.WriteString("set", one.Set);
                    json.WriteNumber("keyword", one.Keyword);
                    json.WriteNumber("vector", one.Vector);
                    json.WriteNumber("hybrid", one.Hybrid);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
        );
    }

    private static double? ReadFarthest(JsonFile file)
    {
        if (file.Field("farthest_answer") is not JsonElement field)
            return null;
        return field.ValueKind == JsonValueKind.Number && field.TryGetDouble(out var distance) && distance is > 0 and <= 2
            ? distance
            : throw new ModelFormatException(
                file.Path,
                "'farthest_answer' is not a cosine distance, a number above 0 and up to 2. Correct it, or leave it out."
            );
    }

    private static HybridMeasurement[] ReadMeasured(JsonFile file)
    {
        if (file.Field("measured") is not JsonElement array)
            return [];
        try
        {
            return
            [
                .. array
                    .EnumerateArray()
                    .Select(e => new HybridMeasurement(
                        e.GetProperty("set").GetString()!,
                        e.GetProperty("keyword").GetDouble(),
                        e.GetProperty("vector").GetDouble(),
                        e.GetProperty("hybrid").GetDouble()
                    )),
            ];
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelFormatException(
                file.Path,
                "'measured' is not an array of { \"set\", \"keyword\", \"vector\", \"hybrid\" }. Correct it, or delete the file."
            );
        }
    }
}
