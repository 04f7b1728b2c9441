namespace SearchEngine.Sharding;

/// <summary>The words of a search, as <see cref="SearchRequest"/> has them.</summary>
/// <param name="Text">The text.</param>
/// <param name="Keywords">Keywords in its place.</param>
/// <param name="Syntax">How the text is read.</param>
/// <param name="CorrectSpelling">Whether words that match nothing are looked for.</param>
public sealed record ShardQuery(string? Text, IReadOnlyList<string>? Keywords, QuerySyntax Syntax, bool CorrectSpelling);
