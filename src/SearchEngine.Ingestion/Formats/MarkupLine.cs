namespace SearchEngine.Ingestion;

/// <summary>A line of a markup file as its format understands it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text without the markup of its kind.</param>
/// <param name="Level">The level of a heading, from 1.</param>
internal readonly record struct MarkupLine(MarkupLineKind Kind, string Text, int Level = 0)
{
    /// <summary>Whether it stands on the line of the file on which the one before it does.</summary>
    public bool IsBeside { get; init; }
}

/// <summary>What a line of a markup file is.</summary>
internal enum MarkupLineKind
{
    Text,
    Heading,

    /// <summary>The document's title.</summary>
    Title,
    Code,

    /// <summary>Says nothing to a reader of the document.</summary>
    Nothing,
}
