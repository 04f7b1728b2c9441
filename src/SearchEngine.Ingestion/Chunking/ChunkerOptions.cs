namespace SearchEngine.Ingestion;

/// <summary>How documents are cut into chunks. Lengths are in tokens of the embedding model.</summary>
public sealed record ChunkerOptions
{
    /// <summary>Default <see cref="MaxTokens"/>: a few paragraphs, what a mean-pooled vector can still stand for.</summary>
    public const int DefaultMaxTokens = 256;

    /// <summary>Default <see cref="OverlapTokens"/>: about one sentence, so that a sentence's antecedent is mostly with it.</summary>
    public const int DefaultOverlapTokens = 32;

    /// <summary>Default <see cref="MinTokens"/>: shorter sections say little alone and are joined with the next.</summary>
    public const int DefaultMinTokens = 48;

    /// <summary>Most tokens of a chunk as it is embedded, title and headings in front included; at least 16.</summary>
    public int MaxTokens { get; init; } = DefaultMaxTokens;

    /// <summary>
    /// Tokens that a chunk repeats from the end of the one before, in whole sentences or lines; less than half of <see cref="MaxTokens"/>.
    /// </summary>
    public int OverlapTokens { get; init; } = DefaultOverlapTokens;

    /// <summary>Sections with fewer tokens are joined with following ones where both fit; 0 keeps every section apart.</summary>
    public int MinTokens { get; init; } = DefaultMinTokens;

    /// <summary>
    /// Counts the tokens of a text: the embedding model's tokenizer. Null estimates from words: a token for every four
    /// characters of a word begun, within a fifth of common vocabularies for prose. Called from several threads at once.
    /// </summary>
    public Func<string, int>? CountTokens { get; init; }

    /// <summary>Names <see cref="CountTokens"/>; when it changes, files are cut anew at the next ingest.</summary>
    public string CountTokensName { get; init; } = "";

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        if (MaxTokens < 16)
            throw new ArgumentException($"MaxTokens must be at least 16, not {MaxTokens}.");
        if (OverlapTokens < 0 || OverlapTokens * 2 >= MaxTokens)
        {
            throw new ArgumentException(
                $"OverlapTokens must be at least 0 and less than half of MaxTokens ({MaxTokens}), not {OverlapTokens}."
            );
        }
        if (MinTokens < 0 || MinTokens > MaxTokens)
            throw new ArgumentException($"MinTokens must be between 0 and MaxTokens ({MaxTokens}), not {MinTokens}.");
    }
}
