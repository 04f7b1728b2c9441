namespace SearchEngine.Cli.Commands.Search;

/// <summary>A hit, how many further passages of its document were found, and where else the same content is.</summary>
internal sealed record GroupedHit(SearchHit Hit, int MorePassages, string? Path, IReadOnlyList<string> Copies);
