using System.Text.Json;

namespace SearchEngine.Embeddings.Weights;

/// <summary>What config.json says of quantized weights: the field <c>quantization_config</c>, as transformers has it.</summary>
/// <param name="Bits">Of the linear maps' weights: 8 or 4.</param>
/// <param name="TableBits">Of the token table's; null where it is as it was.</param>
internal sealed record WeightQuantization(int Bits, int? TableBits)
{
    /// <summary>The field.</summary>
    public const string Field = "quantization_config";

    /// <summary>This project's <c>quant_method</c>.</summary>
    public const string Method = "searchengine";

    /// <summary>Raised when files come to mean something else.</summary>
    public const int Format = 1;

    /// <summary>Reads the field of a folder's config.json; null where the weights are not quantized.</summary>
    /// <exception cref="ModelFormatException">They are, in a way that is not known here.</exception>
    public static WeightQuantization? Read(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        return JsonFile.ReadObjectIfExists(path)?.Field(Field) is JsonElement field ? Parse(path, field) : null;
    }

    /// <summary>Reads the field's value.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="ModelFormatException">The weights are quantized in a way that is not known here.</exception>
    public static WeightQuantization Parse(string path, JsonElement field)
    {
        if (field.ValueKind != JsonValueKind.Object)
            throw new ModelFormatException(path, $"'{Field}' is not a JSON object.");
        var method = Value("quant_method") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;
        if (method != Method)
        {
            throw new ModelFormatException(
                path,
                $"the weights are quantized by '{method ?? "an unnamed method"}' ({Field}), which is not supported; "
                    + "take the model's float checkpoint and, if it shall be smaller, quantize it with `searchengine model quantize`."
            );
        }
        if (Number("format") is not Format and var format)
        {
            throw new ModelFormatException(
                path,
                $"the quantized weights are of format {format?.ToString() ?? "none"}, and this program reads {Format}; quantize the model again."
            );
        }
        int? bits = Number("bits"),
            table = Number("table_bits");
        return bits is 8 or 4 && table is null or 8 or 4
            ? new WeightQuantization(bits!.Value, table)
            : throw new ModelFormatException(path, $"'{Field}' has other 'bits' or 'table_bits' than 8 and 4.");

        JsonElement? Value(string key) => field.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

        int? Number(string key) =>
            Value(key) is not JsonElement value ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
            : throw new ModelFormatException(path, $"'{key}' of '{Field}' is {value.GetRawText()}, not a whole number.");
    }

    /// <summary>Writes the field's value.</summary>
    public System.Text.Json.Nodes.JsonObject ToJson() =>
        new()
        {
            ["quant_method"] = Method,
            ["format"] = Format,
            ["bits"] = Bits,
            ["table_bits"] = TableBits,
        };

    /// <summary>Adapters are made for weights in float, and added to those.</summary>
    /// <exception cref="ModelFormatException">The base is quantized, and there are adapters.</exception>
    public static void RefuseAdapters(ModelFolder folder)
    {
        if (folder.Adapters.Count > 0 && Read(folder.BaseFolder) is not null)
        {
            throw new ModelFormatException(
                folder.Adapters[0],
                $"an adapter cannot be added to the quantized weights of {folder.BaseFolder}; add it to the float model, and quantize what comes out."
            );
        }
    }

    /// <summary>Holds config.json and weights against each other.</summary>
    /// <exception cref="ModelFormatException">One says that the weights are quantized, and the other does not.</exception>
    public static void Check(SafetensorsSet weights)
    {
        var stated = Read(Path.GetDirectoryName(Path.GetFullPath(weights.Path))!) is not null;
        var found = weights.Entries.Values.OfType<QuantizedEntry>().FirstOrDefault();
        if (stated && found is null)
        {
            throw new ModelFormatException(
                weights.Path,
                $"config.json says that the weights are quantized ({Field}), but none is; the files belong to two models."
            );
        }
        if (!stated && found is not null)
        {
            throw new ModelFormatException(
                weights.Path,
                $"tensor '{found.Name}' is quantized, but config.json has no '{Field}'; the files belong to two models."
            );
        }
    }
}
