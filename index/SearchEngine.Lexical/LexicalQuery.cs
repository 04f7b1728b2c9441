namespace SearchEngine.Lexical;

/// <summary>
/// A keyword query. Text written by a user is never a syntax error: words are optional by default, a closed pair of double
/// quotes is a phrase, and <c>+</c> or <c>-</c> before a word or a phrase (after white space, followed by a letter, or for
/// <c>+</c> a digit) requires or excludes it. Everything else is read as plain words.
/// </summary>
public sealed record LexicalQuery
{
    /// <summary>Text as the user wrote it; null or empty for none.</summary>
    public string? Text { get; init; }

    /// <summary>Keywords, each read as plain words without operators; added to <see cref="Text"/>.</summary>
    public IReadOnlyList<string>? Keywords { get; init; }

    /// <summary>Full-text fields to search; null for all of them.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Most hits to return, 1 or more.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Ordinals that may be returned; null for all.</summary>
    public OrdinalBits? Filter { get; init; }
}
