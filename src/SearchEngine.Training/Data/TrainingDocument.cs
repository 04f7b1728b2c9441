namespace SearchEngine.Training;

/// <summary>A section of a document: its heading, empty where there is none, and its paragraphs.</summary>
internal sealed record TrainingSection(string Heading, IReadOnlyList<string> Paragraphs);

/// <summary>One record of training data, whatever the file looked like: the pieces that pairs are mined from.</summary>
internal sealed record TrainingDocument(string Title, string Description, IReadOnlyList<TrainingSection> Sections)
{
    /// <summary>Texts that must not be matched by this record's query; only for records of <see cref="DataSourceKind.Pairs"/>.</summary>
    public IReadOnlyList<string> Negatives { get; init; } = [];
}
