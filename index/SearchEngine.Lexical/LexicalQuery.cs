namespace SearchEngine.Lexical;

/// <summary>A keyword query. Words are optional: the more and the rarer of them a document has, the better it ranks.</summary>
public sealed record LexicalQuery
{
    /// <summary>Text as the user wrote it; null or empty for none.</summary>
    public string? Text { get; init; }

    /// <summary>Whether <see cref="Text"/> is prose or a query language.</summary>
    public LexicalSyntax Syntax { get; init; } = LexicalSyntax.Words;

    /// <summary>Keywords, each read as plain words without operators; added to <see cref="Text"/>.</summary>
    public IReadOnlyList<string>? Keywords { get; init; }

    /// <summary>Full-text fields to search; null for all of them.</summary>
    public IReadOnlyList<string>? Fields { get; init; }

    /// <summary>Most hits to return, 1 or more.</summary>
    public int Top { get; init; } = 10;

    /// <summary>Ordinals that may be returned; null for all.</summary>
    public OrdinalBits? Filter { get; init; }

    /// <summary>The numbers to score by, where this index is a part of a larger one; null for its own.</summary>
    public TermStatistics? Statistics { get; init; }

    /// <summary>
    /// Reads a value that <see cref="LexicalSyntax.Operators"/> compares a field with: (field, text) → a value of the field's kind. It
    /// throws
    /// an <see cref="ArgumentException"/> for a text that is none. Null reads numbers, true and false, and texts as they stand.
    /// </summary>
    public Func<string, string, object>? ReadValue { get; init; }
}
