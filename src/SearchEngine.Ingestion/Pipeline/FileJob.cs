namespace SearchEngine.Ingestion;

/// <summary>A file on its way from a reader to the writer.</summary>
internal sealed record FileJob(SourceFile File, IDocumentReader Reader, long Length, string Hash, string Pipeline, FileState? Before)
{
    private readonly List<IngestionIssue> _problems = [];
    private volatile bool _isFailed;

    /// <summary>Problems kept with the file's state.</summary>
    internal const int MaxProblems = 20;

    /// <summary>The name under which the file was stored before, whose chunks go when this one's are there.</summary>
    public string? Replaces { get; init; }

    /// <summary>What is stored under <see cref="Replaces"/>.</summary>
    public FileState? Replaced { get; init; }

    /// <summary>When the file was written last, UTC.</summary>
    public DateTime Modified { get; init; }

    /// <summary>Chunks of it that an interrupted ingestion has stored.</summary>
    public int Resume { get; init; }

    /// <summary>What could not be read or embedded of it until now; a copy.</summary>
    internal IReadOnlyList<IngestionIssue> Problems
    {
        get
        {
            lock (_problems)
            {
                return [.. _problems];
            }
        }
    }

    internal bool NamesTitle { get; set; }

    /// <summary>
    /// Whether a part of it could not be embedded or stored: the parts after it are dropped, and the file stays incomplete.
    /// </summary>
    internal bool IsFailed => _isFailed;

    internal void MarkFailed() => _isFailed = true;

    /// <summary>Keeps a problem, once. Readers and the embedding add to them at the same time.</summary>
    internal void AddProblem(IngestionIssue problem)
    {
        lock (_problems)
        {
            if (_problems.Count < MaxProblems && !_problems.Contains(problem))
            {
                _problems.Add(problem);
            }
        }
    }
}
