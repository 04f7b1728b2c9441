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
    IReadOnlyList<IngestReport.Issue> Warnings,
    IReadOnlyList<PassedOver> PassedOver
)
{
    public static IngestReport Of(string collection, IngestionReport report) =>
        new(
            collection,
            new Counts(report.Read, report.Skipped, report.Removed, report.Failures.Count, report.Unsupported, report.Moved, report.Copies),
            report.Documents,
            report.Chunks,
            report.Bytes,
            report.Elapsed.TotalSeconds,
            [.. report.Failures.Select(Issue.Of)],
            [.. report.Warnings.Select(Issue.Of)],
            report.PassedOver
        );

    internal sealed record Counts(int Read, int Skipped, int Removed, int Failed, int Unsupported, int Moved, int Copies);

    internal sealed record Issue(string Path, string Reason, int? Line)
    {
        public static Issue Of(IngestionIssue issue) => new(issue.Path, issue.Message, issue.Line);
    }
}
