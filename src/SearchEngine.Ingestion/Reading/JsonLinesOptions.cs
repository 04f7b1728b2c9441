namespace SearchEngine.Ingestion;

/// <summary>Which fields of a JSON line are what; of each list the first field that the line has.</summary>
public sealed record JsonLinesOptions
{
    /// <summary>The document's id; without one the line number.</summary>
    public IReadOnlyList<string> IdFields { get; init; } = ["_id", "id", "key", "doc_id"];

    /// <summary>The title; without one the id.</summary>
    public IReadOnlyList<string> TitleFields { get; init; } = ["title", "name", "question"];

    /// <summary>The text: a string, or a list of strings as paragraphs.</summary>
    public IReadOnlyList<string> TextFields { get; init; } = ["text", "content", "body", "answer", "abstract", "description"];

    /// <summary>A file whose first lines are all bad, as many as this, is given up: it is something else.</summary>
    public int MaxLeadingBadLines { get; init; } = 100;
}
