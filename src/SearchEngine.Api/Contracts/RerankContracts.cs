using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Api.Contracts;

/// <summary>
/// The body of POST /v1/rerank, as Cohere's and Jina's APIs have it; a document is a text, or an object with a "text". Members that the
/// host's reranker has no use for are taken and passed over.
/// </summary>
internal sealed record RerankTextsBody(
    string Query,
    IReadOnlyList<JsonElement> Documents,
    string? Model = null,
    [property: JsonPropertyName("top_n")] int? TopN = null,
    [property: JsonPropertyName("return_documents")] bool ReturnDocuments = false,
    [property: JsonPropertyName("max_tokens_per_doc")] int? MaxTokensPerDoc = null,
    [property: JsonPropertyName("max_chunks_per_doc")] int? MaxChunksPerDoc = null,
    bool? Truncation = null
);

/// <summary>The reply of POST /v1/rerank; best first.</summary>
internal sealed record RerankTextsReply(string Id, string Model, IReadOnlyList<RerankedText> Results);

/// <summary>One document: its place in the request, and how well it answers, 0 to 1.</summary>
internal sealed record RerankedText(
    int Index,
    [property: JsonPropertyName("relevance_score")] double RelevanceScore,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RerankedDocument? Document = null
);

/// <summary>A document of the request.</summary>
internal sealed record RerankedDocument(string Text);

/// <summary>The body of POST /rerank, as Text Embeddings Inference has it.</summary>
internal sealed record TeiRerankBody(
    string Query,
    IReadOnlyList<string> Texts,
    [property: JsonPropertyName("raw_scores")] bool RawScores = false,
    [property: JsonPropertyName("return_text")] bool ReturnText = false,
    bool? Truncate = null,
    [property: JsonPropertyName("truncation_direction")] string? TruncationDirection = null
);

/// <summary>One text of POST /rerank's reply; best first.</summary>
internal sealed record TeiRank(
    int Index,
    double Score,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Text = null
);
