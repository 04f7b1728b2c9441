using System.Text.Json;

namespace SearchEngine.Embeddings;

/// <summary>
/// The file llm2vec_config.json: the reference's four fields, and this project's own. Null means that the file does not say.
/// </summary>
/// <remarks>
/// The reference's: <c>pooling_mode</c> (mean, weighted_mean, eos_token, last_token, bos_token), <c>max_length</c> (tokens in all),
/// <c>doc_max_length</c> (tokens of the text without its instruction), <c>skip_instruction</c>. Ours: <c>bidirectional</c>,
/// <c>normalize</c>, <c>query_prompt</c> and <c>document_prompt</c> (put in front as they stand), and <c>dimensions</c>, the vector lengths
/// that a Matryoshka model was trained for.
/// </remarks>
internal sealed record Llm2VecConfig
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "llm2vec_config.json";

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "pooling_mode",
        "max_length",
        "doc_max_length",
        "skip_instruction",
        "bidirectional",
        "normalize",
        "query_prompt",
        "document_prompt",
        "dimensions",
    };

    public PoolingMode? Pooling { get; init; }

    public int? MaxLength { get; init; }

    public int? DocumentMaxLength { get; init; }

    public bool? SkipInstruction { get; init; }

    public bool? Bidirectional { get; init; }

    public bool? Normalize { get; init; }

    public string? QueryPrompt { get; init; }

    public string? DocumentPrompt { get; init; }

    public IReadOnlyList<int>? Dimensions { get; init; }

    /// <summary>Reads the file of a folder, or null if it has none.</summary>
    /// <exception cref="ModelFormatException">The file is damaged or holds fields that are not known.</exception>
    public static Llm2VecConfig? Read(string folder)
    {
        var file = JsonFile.ReadObjectIfExists(Path.Combine(folder, FileName));
        if (file is null)
            return null;
        file.RefuseOthers(Known);
        PoolingMode? pooling = null;
        if (file.Text("pooling_mode") is string name)
        {
            pooling =
                PoolingModes.Parse(name)
                ?? throw new ModelFormatException(
                    file.Path,
                    $"pooling_mode '{name}' is not known; known are mean, weighted_mean, max, mean_sqrt_len, eos_token, last_token and bos_token."
                );
        }
        return new Llm2VecConfig
        {
            Pooling = pooling,
            MaxLength = Positive(file, "max_length"),
            DocumentMaxLength = Positive(file, "doc_max_length"),
            SkipInstruction = file.Flag("skip_instruction"),
            Bidirectional = file.Flag("bidirectional"),
            Normalize = file.Flag("normalize"),
            QueryPrompt = file.Text("query_prompt"),
            DocumentPrompt = file.Text("document_prompt"),
            Dimensions = ReadDimensions(file),
        };
    }

    /// <summary>Writes the file into a folder, atomically.</summary>
    public void Write(string folder)
    {
        JsonFile.WriteObject(
            Path.Combine(folder, FileName),
            json =>
            {
                if (Pooling is PoolingMode pooling)
                    json.WriteString("pooling_mode", pooling.Name());
                if (MaxLength is int maxLength)
                    json.WriteNumber("max_length", maxLength);
                if (DocumentMaxLength is int documentMaxLength)
                    json.WriteNumber("doc_max_length", documentMaxLength);
                if (SkipInstruction is bool skip)
                    json.WriteBoolean("skip_instruction", skip);
                if (Bidirectional is bool bidirectional)
                    json.WriteBoolean("bidirectional", bidirectional);
                if (Normalize is bool normalize)
                    json.WriteBoolean("normalize", normalize);
                if (QueryPrompt is not null)
                    json.WriteString("query_prompt", QueryPrompt);
                if (DocumentPrompt is not null)
                    json.WriteString("document_prompt", DocumentPrompt);
                if (Dimensions is not null)
                {
                    json.WriteStartArray("dimensions");
                    foreach (var length in Dimensions)
                        json.WriteNumberValue(length);
                    json.WriteEndArray();
                }
            }
        );
    }

    private static int? Positive(JsonFile file, string name) =>
        file.Integer(name) is not int value ? null
        : value > 0 ? value
        : throw new ModelFormatException(file.Path, $"'{name}' is {value}, not a positive number.");

    private static int[]? ReadDimensions(JsonFile file)
    {
        if (file.Field("dimensions") is not JsonElement array)
            return null;
        if (
            array.ValueKind != JsonValueKind.Array
            || array.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.Number || !v.TryGetInt32(out var d) || d <= 0)
        )
        {
            throw new ModelFormatException(file.Path, "'dimensions' is not an array of positive whole numbers.");
        }
        return [.. array.EnumerateArray().Select(v => v.GetInt32())];
    }
}
