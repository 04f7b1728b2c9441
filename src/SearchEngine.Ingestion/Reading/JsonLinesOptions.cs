namespace SearchEngine.Ingestion;

/// <summary>
/// Which fields of a JSON record are what, upper and lower case alike; of ids and titles the first field that the record has.
/// </summary>
public sealed record JsonLinesOptions
{
    private readonly IReadOnlyList<string> _textFields = ["text", "content", "body", "answer", "abstract", "description", "summary"];

    /// <summary>The document's id; without one the line number.</summary>
    public IReadOnlyList<string> IdFields { get; init; } = ["_id", "id", "key", "doc_id"];

    /// <summary>The title; without one the id.</summary>
    public IReadOnlyList<string> TitleFields { get; init; } = ["title", "headline", "subject", "name", "question"];

    /// <summary>
    /// The text: every string at or below these fields. If they are not set, the text is every string of the record, these fields' first.
    /// </summary>
    public IReadOnlyList<string> TextFields
    {
        get => _textFields;
        init
        {
            _textFields = value;
            AllFields = false;
        }
    }

    /// <summary>Whether other fields are text as well.</summary>
    internal bool AllFields { get; private init; } = true;

    /// <summary>A file whose first lines are all bad, as many as this, is given up: it is something else.</summary>
    public int MaxLeadingBadLines { get; init; } = 100;
}
