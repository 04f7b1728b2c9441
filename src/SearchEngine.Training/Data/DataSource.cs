using System.Text.Json.Serialization;

namespace SearchEngine.Training;

/// <summary>How the records of a <see cref="DataSource"/> become documents with a title, headings and passages.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DataSourceKind>))]
public enum DataSourceKind
{
    /// <summary>JSON lines with a title and a text whose paragraphs are separated by newlines; short paragraphs are headings.</summary>
    Articles,

    /// <summary>JSON lines with a title, a description and a Markdown text.</summary>
    Described,

    /// <summary>JSON lines with a question (the title) and an answer (the text).</summary>
    QuestionAnswer,

    /// <summary>Tab-separated lines: a sentence, and the same said in two sentences separated by <c>&lt;::::&gt;</c>.</summary>
    SplitSentences,

    /// <summary>JSON lines with one text each and no title.</summary>
    Texts,

    /// <summary>JSON lines with a query, a positive and an optional array of negatives, as the hard-negative miner writes them.</summary>
    Pairs,
}

/// <summary>Which two pieces of a document make a positive pair.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PairKind>))]
public enum PairKind
{
    /// <summary>The title (or question) and the passage that opens the text; sometimes one of the next two.</summary>
    TitleLead,

    /// <summary>The description and a passage of the text.</summary>
    DescriptionText,

    /// <summary>The title with a section's heading, and a passage of that section.</summary>
    HeadingSection,

    /// <summary>One sentence, and the passage it was taken out of (one time in ten it is left in): the inverse cloze task.</summary>
    SentencePassage,

    /// <summary>Two random crops of one passage.</summary>
    Crops,

    /// <summary>Two neighbouring passages of one document.</summary>
    Adjacent,

    /// <summary>The query and the positive of a <see cref="DataSourceKind.Pairs"/> source.</summary>
    Given,
}

/// <summary>One file of training data, as written in a configuration file.</summary>
public sealed record DataSource
{
    /// <summary>A short name for logs and the model card; the file name when left out.</summary>
    public string? Name { get; init; }

    /// <summary>The file, relative to the configuration file. JSON lines or tab-separated values, UTF-8, not compressed.</summary>
    public required string Path { get; init; }

    /// <summary>How records are read.</summary>
    public DataSourceKind Kind { get; init; } = DataSourceKind.Texts;

    /// <summary>The licence of the data, for the model card.</summary>
    public string? License { get; init; }

    /// <summary>The JSON field of the title or question; null takes the default of the kind.</summary>
    public string? TitleField { get; init; }

    /// <summary>The JSON field of the text or answer; null takes the default of the kind.</summary>
    public string? TextField { get; init; }

    /// <summary>The JSON field of the description; null takes the default of the kind.</summary>
    public string? DescriptionField { get; init; }

    /// <summary>At most so many records are read; null reads all.</summary>
    public int? Limit { get; init; }

    /// <summary>
    /// Records kept out of training, as one in so many by a hash of the title: a held-out part on which a checkpoint may be chosen. 0 keeps
    /// none out.
    /// </summary>
    public int HoldOutOneIn { get; init; }

    /// <summary>How often distillation draws from this source, relative to the others; null takes its number of records.</summary>
    public double? Weight { get; init; }

    /// <summary>
    /// The pair kinds drawn from this source and how often, relative to each other and to all other sources. Empty takes the default of the
    /// kind.
    /// </summary>
    public IReadOnlyDictionary<PairKind, double> Pairs { get; init; } = new Dictionary<PairKind, double>();

    /// <summary>The name shown to people.</summary>
    [JsonIgnore]
    public string DisplayName => Name ?? System.IO.Path.GetFileNameWithoutExtension(Path);
}
