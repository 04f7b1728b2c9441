using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>The JSON of <c>ingest --json</c>.</summary>
internal sealed record IngestReport(
    string Collection,
    IngestReport.Counts Files,
    long Documents,
    long Chunks,
    long Bytes,
    double Seconds,
    IReadOnlyList<IngestReport.Issue> Failed,
    IReadOnlyList<IngestReport.Issue> Warnings)
{
    public static IngestReport Of(string collection, IngestionReport report) => new(
        collection,
        new Counts(report.Read, report.Skipped, report.Removed, report.Failures.Count, report.Unsupported),
        report.Documents,
        report.Chunks,
        report.Bytes,
        report.Elapsed.TotalSeconds,
        [.. report.Failures.Select(Issue.Of)],
        [.. report.Warnings.Select(Issue.Of)]);

    internal sealed record Counts(int Read, int Skipped, int Removed, int Failed, int Unsupported);

    internal sealed record Issue(string Path, string Reason, int? Line)
    {
        public static Issue Of(IngestionIssue issue) => new(issue.Path, issue.Message, issue.Line);
    }
}
