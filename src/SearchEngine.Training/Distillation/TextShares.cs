namespace SearchEngine.Training;

/// <summary>
/// How often each form of text is drawn for distillation, relative to each other. A student that saw only prose is weak on queries, and one
/// that saw only
/// short texts is weak on passages.
/// </summary>
public sealed record TextShares
{
    /// <summary>Single sentences.</summary>
    public double Sentences { get; init; } = 0.52;

    /// <summary>Runs of two to six sentences of one section.</summary>
    public double Passages { get; init; } = 0.06;

    /// <summary>Titles, headings, questions and descriptions as they are.</summary>
    public double Titles { get; init; } = 0.1;

    /// <summary>Made-up queries: half sentences, key phrases of a sentence, questions from titles; a few with a typing error.</summary>
    public double Queries { get; init; } = 0.32;

    /// <summary>
    /// What a collection's passages look like: paragraphs in a row from a chance place on, up to <see
    /// cref="DistillConfig.MaximumLongCharacters"/>, every other time under the document's title. None unless asked for: each costs as
    /// much as ten sentences.
    /// </summary>
    public double LongPassages { get; init; }

    internal double Sum => Sentences + Passages + Titles + Queries + LongPassages;

    internal void Validate() =>
        TrainingConfig.Require(
            Sentences >= 0 && Passages >= 0 && Titles >= 0 && Queries >= 0 && LongPassages >= 0 && Sum > 0,
            "'shares' must not be negative, and one of them must be above 0"
        );
}
