using System.Text.Json.Serialization;

namespace SearchEngine.Ingestion;

/// <summary>The JSON of what a collection knows of its files, in a shape that native programs have too.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FileState))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class CorpusJson : JsonSerializerContext;
