using System.Text.Json.Serialization;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>What the engine writes as JSON by type: compiled ahead, so that it is there in native programs too.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(SchemaFile.Stored))]
[JsonSerializable(typeof(CollectionSchema))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(SortedDictionary<string, string>))]
internal sealed partial class EngineJson : JsonSerializerContext;

/// <summary>As manifests have had it from the first on: names as in code.</summary>
[JsonSerializable(typeof(RecordCheckpoint))]
internal sealed partial class ManifestJson : JsonSerializerContext;
