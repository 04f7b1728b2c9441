namespace SearchEngine.Embeddings;

/// <summary>Turns single words, as a pre-tokenizer cuts them, into tokens. Implementations are thread-safe.</summary>
internal abstract class WordModel
{
    /// <summary>What a token that continues a word begins with; null if spaces are part of tokens.</summary>
    public virtual string? ContinuationPrefix => null;

    /// <summary>
    /// Appends the tokens of a word. May stop after <paramref name="limit"/> tokens; what is there then is a beginning of the whole.
    /// </summary>
    public abstract void Encode(ReadOnlySpan<char> word, int limit, ref PooledBuffer<int> ids);
}
