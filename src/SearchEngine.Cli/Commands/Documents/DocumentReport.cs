using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Documents;

/// <summary>A file in the JSON of <c>document list --json</c>.</summary>
internal sealed record DocumentReport(
    string Source,
    string Path,
    int Chunks,
    long Bytes,
    bool Complete,
    string? SameAs,
    IReadOnlyList<string> Problems
)
{
    public static DocumentReport Of(IngestedFile file) =>
        new(file.Source, file.Path, file.Chunks, file.Bytes, file.IsComplete, file.SameAs, [.. file.Problems.Select(p => p.Message)]);
}
