namespace SearchEngine.Embeddings;

/// <summary>What a text is to a search; decides which prompt is put in front of it.</summary>
public enum EmbeddingRole
{
    /// <summary>A text that is searched for.</summary>
    Document,

    /// <summary>A text that is searched with; may carry an instruction.</summary>
    Query,
}
