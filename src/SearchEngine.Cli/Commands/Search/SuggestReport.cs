namespace SearchEngine.Cli.Commands.Search;

/// <summary>The JSON of <c>suggest --json</c>.</summary>
internal sealed record SuggestReport(IReadOnlyList<Suggestion> Suggestions);
