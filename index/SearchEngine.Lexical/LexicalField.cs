namespace SearchEngine.Lexical;

/// <summary>One field of a <see cref="LexicalSchema"/>.</summary>
public sealed record LexicalField
{
    /// <summary>Name, unique in the schema (ordinal comparison), not empty.</summary>
    public required string Name { get; init; }

    /// <summary>Encoding of the values.</summary>
    public LexicalFieldKind Kind { get; init; } = LexicalFieldKind.String;

    /// <summary>Whether a value is a list of scalars (null, empty, and null elements are kept apart).</summary>
    public bool IsList { get; init; }

    /// <summary>Whether the field may appear in a <see cref="LexicalFilter"/>.</summary>
    public bool IsFilterable { get; init; }

    /// <summary>Whether the field is tokenized and searched by BM25; only for <see cref="LexicalFieldKind.String"/>.</summary>
    public bool IsFullText { get; init; }

    /// <summary>
    /// How often the field counts, relative to the others, when a word is scored over all fields together; acts at query time (changing it
    /// needs no re-indexing); finite and positive.
    /// </summary>
    public float Boost { get; init; } = 1f;
}
