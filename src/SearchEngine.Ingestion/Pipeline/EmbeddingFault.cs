namespace SearchEngine.Ingestion;

/// <summary>A text that could not be embedded.</summary>
/// <param name="Document">Its passage.</param>
/// <param name="Problem">What the embedder said, or what is wrong with the vector.</param>
/// <param name="IsOfNumbers">
/// Whether the model gave numbers that are no vector, as it would again; otherwise the embedder failed, and may not the next time.
/// </param>
internal sealed record EmbeddingFault(Document Document, Exception Problem, bool IsOfNumbers);
