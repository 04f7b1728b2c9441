using System.Text.Json.Serialization;
using SearchEngine.Ingestion;

namespace SearchEngine.Api.Contracts;

/// <summary>What a job is about.</summary>
internal enum JobState
{
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// <summary>The body of POST /collections/{name}/ingest/folder: a folder of the host's machine, with globs of names to take and to leave.</summary>
internal sealed record IngestFolderBody(string Path, IReadOnlyList<string>? Include = null, IReadOnlyList<string>? Exclude = null);

/// <summary>A file or folder that was not read, or not whole.</summary>
internal sealed record FileProblem(string Path, string Message, int? Line);

/// <summary>A job of ingestion, and how far it is; the last members are there when it is over.</summary>
internal sealed record JobReply(
    string Id,
    string Collection,
    JobState State,
    int Files,
    int TotalFiles,
    long Chunks,
    long Bytes,
    long TotalBytes,
    double? SecondsLeft,
    string? CurrentFile,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Problem = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ReportReply? Report = null
);

/// <summary>What an ingestion did.</summary>
internal sealed record ReportReply(
    int Read,
    int Unchanged,
    int Copies,
    int Removed,
    int PassedOver,
    long Chunks,
    double Seconds,
    IReadOnlyList<FileProblem> Failures,
    IReadOnlyList<FileProblem> Warnings
)
{
    public static ReportReply Of(IngestionReport report, string folder) =>
        new(
            report.Read,
            report.Skipped,
            report.Copies,
            report.Removed,
            report.PassedOver.Sum(kind => kind.Count),
            report.Chunks,
            report.Elapsed.TotalSeconds,
            ProblemsOf(report.Failures, folder),
            ProblemsOf(report.Warnings, folder)
        );

    private static FileProblem[] ProblemsOf(IReadOnlyList<IngestionIssue> issues, string folder) =>
        [
            .. issues.Select(issue => new FileProblem(
                Relative(issue.Path, folder),
                issue.Message.Replace(folder, "…", StringComparison.Ordinal),
                issue.Line
            )),
        ];

    private static string Relative(string path, string folder) =>
        path.Length == 0 ? path : Path.GetRelativePath(folder, path).Replace('\\', '/');
}

/// <summary>The jobs that run, wait, or ended lately, the newest first.</summary>
internal sealed record JobsReply(IReadOnlyList<JobReply> Jobs);
