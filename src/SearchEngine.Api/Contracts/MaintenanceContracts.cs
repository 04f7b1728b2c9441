namespace SearchEngine.Api.Contracts;

/// <summary>The reply of POST /collections/{name}/verify; sound where there are no problems.</summary>
internal sealed record VerifyReply(
    string Collection,
    bool Sound,
    long Records,
    IReadOnlyList<string> Checks,
    IReadOnlyList<string> Problems,
    double Seconds
)
{
    public static VerifyReply Of(VerificationReport report) =>
        new(report.Collection, report.IsSound, report.Records, report.Checks, report.Problems, report.Elapsed.TotalSeconds);
}

/// <summary>The reply of POST /collections/{name}/repair.</summary>
internal sealed record RepairReply(string Collection, long Records, long Vectors, IReadOnlyList<string> Changes)
{
    public static RepairReply Of(RepairReport report) => new(report.Collection, report.Records, report.Vectors, report.Changes);
}

/// <summary>The body of POST /collections/{name}/snapshots: the new snapshot's name.</summary>
internal sealed record SnapshotBody(string Name);

/// <summary>A snapshot on the host's machine.</summary>
internal sealed record SnapshotReply(string Collection, string Name, long DiskBytes, DateTimeOffset Made);

/// <summary>A page of snapshots by name; the token of the next page, null behind the last one.</summary>
internal sealed record SnapshotPage(IReadOnlyList<SnapshotReply> Snapshots, string? Next);

/// <summary>The reply of POST /collections/{name}/import.</summary>
internal sealed record ImportReply(string Collection, long Records);
