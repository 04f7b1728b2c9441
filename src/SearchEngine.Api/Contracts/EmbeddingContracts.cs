using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Api.Contracts;

/// <summary>The body of POST /v1/embeddings, as OpenAI's API has it; input is a text, or a list of texts.</summary>
internal sealed record EmbeddingsBody(
    JsonElement Input,
    string? Model = null,
    [property: JsonPropertyName("encoding_format")] string? EncodingFormat = null,
    int? Dimensions = null,
    string? User = null
);

/// <summary>The reply of POST /v1/embeddings.</summary>
internal sealed record EmbeddingsReply(string Object, IReadOnlyList<EmbeddingReply> Data, string Model, EmbeddingUsage Usage);

/// <summary>One embedding: a list of numbers, or base 64 of little-endian floats.</summary>
internal sealed record EmbeddingReply(string Object, int Index, object Embedding);

/// <summary>What a request cost.</summary>
internal sealed record EmbeddingUsage(
    [property: JsonPropertyName("prompt_tokens")] int PromptTokens,
    [property: JsonPropertyName("total_tokens")] int TotalTokens
);

/// <summary>The reply of GET /v1/models.</summary>
internal sealed record ModelsReply(string Object, IReadOnlyList<ModelReply> Data);

/// <summary>A model.</summary>
internal sealed record ModelReply(string Id, string Object, long Created, [property: JsonPropertyName("owned_by")] string OwnedBy);
