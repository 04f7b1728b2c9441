namespace SearchEngine.Ingestion;

/// <summary>What an ingestion did.</summary>
/// <param name="Read">Files read and written (new or changed, empty ones included).</param>
/// <param name="Skipped">Files that had not changed.</param>
/// <param name="Removed">Files that are gone and whose chunks were deleted.</param>
/// <param name="Unsupported">Files below folders that no reader takes.</param>
/// <param name="Documents">Documents in the files read.</param>
/// <param name="Chunks">Chunks written.</param>
/// <param name="Bytes">Bytes of the files read.</param>
/// <param name="Elapsed">Time taken.</param>
/// <param name="Failures">Files (or folders) that could not be read; what was stored of them before is still there.</param>
/// <param name="Warnings">Parts of files that were passed over while the rest was written.</param>
public sealed record IngestionReport(
    int Read,
    int Skipped,
    int Removed,
    int Unsupported,
    long Documents,
    long Chunks,
    long Bytes,
    TimeSpan Elapsed,
    IReadOnlyList<IngestionIssue> Failures,
    IReadOnlyList<IngestionIssue> Warnings
)
{
    /// <summary>Files whose stored chunks took over their new name (counted in <see cref="Read"/> too).</summary>
    public int Moved { get; init; }

    /// <summary>
    /// Files with the same content as another, whose chunks stand for them (counted in neither <see cref="Read"/> nor
    /// <see cref="Skipped"/>).
    /// </summary>
    public int Copies { get; init; }

    /// <summary>Chunks written with a vector that was stored already.</summary>
    public long Reused { get; init; }

    /// <summary>What was found and not read, by kind.</summary>
    public IReadOnlyList<PassedOver> PassedOver { get; init; } = [];
}

/// <summary>Something that was not read.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Message">Why, in a sentence.</param>
/// <param name="Line">Line number from 1, if a line is to blame.</param>
public sealed record IngestionIssue(string Path, string Message, int? Line = null);

/// <summary>How far an ingestion is.</summary>
/// <param name="Files">Files settled: written, unchanged or failed.</param>
/// <param name="TotalFiles">Files found.</param>
/// <param name="Documents">Documents written.</param>
/// <param name="Chunks">Chunks written.</param>
/// <param name="Bytes">Bytes of the files settled, and of what is written of others.</param>
/// <param name="TotalBytes">Bytes of the files found.</param>
/// <param name="Elapsed">Time since the start.</param>
/// <param name="Remaining">Estimated time left, from the bytes; null until it is known, soon after the first thing is written.</param>
/// <param name="CurrentPath">The file settled, written or looked at last; null at the start.</param>
public sealed record IngestionProgress(
    int Files,
    int TotalFiles,
    long Documents,
    long Chunks,
    long Bytes,
    long TotalBytes,
    TimeSpan Elapsed,
    TimeSpan? Remaining,
    string? CurrentPath
)
{
    /// <summary>
    /// Bytes of <see cref="CurrentPath"/> looked at so far, where a large file is looked at whether it has changed; 0 otherwise.
    /// </summary>
    public long LookedAtBytes { get; init; }

    /// <summary>Documents written per second so far.</summary>
    public double DocumentsPerSecond => Elapsed.TotalSeconds > 0 ? Documents / Elapsed.TotalSeconds : 0;
}
