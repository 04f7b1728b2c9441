using System.Text.Json;

namespace SearchEngine.Embeddings.Model;

/// <summary>Reads the config.json of any architecture that can be loaded.</summary>
internal static class ModelConfigReader
{
    /// <summary>Reads <c>config.json</c> of a folder.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="ignoredFields">Unknown fields that the caller vouches for.</param>
    /// <exception cref="ModelFormatException">The file is missing or damaged, or asks for something that is not supported.</exception>
    public static IModelConfig Read(string folder, IReadOnlyCollection<string>? ignoredFields = null)
    {
        var type = ModelType(folder);
        var path = Path.Combine(folder, "config.json");
        if (BertConfig.ModelTypes.Contains(type))
            return ConfigReader.Read(path, File.ReadAllBytes(path), ignoredFields, BertConfig.Read);
        if (type == ModernBertConfig.Type)
            return ConfigReader.Read(path, File.ReadAllBytes(path), ignoredFields, ModernBertConfig.Read);
        return DecoderConfigReader.Read(folder, ignoredFields);
    }

    /// <summary>True if the folder's config.json is that of an encoder, whose attention looks both ways by itself.</summary>
    public static bool IsEncoder(string folder) => ModelType(folder) is string type && EncoderTypes.Contains(type);

    /// <summary>Every <c>model_type</c> of an encoder.</summary>
    public static IReadOnlyList<string> EncoderTypes { get; } = [.. BertConfig.ModelTypes, ModernBertConfig.Type];

    private static string? ModelType(string folder) =>
        JsonFile.ReadObjectIfExists(Path.Combine(folder, "config.json"))?.Field("model_type") is { ValueKind: JsonValueKind.String } type
            ? type.GetString()
            : null;
}
