using System.Diagnostics;

namespace SearchEngine.Ingestion;

/// <summary>Counts what happens and tells the listener. Thread-safe; the listener is called by one thread at a time.</summary>
internal sealed class IngestionTally(IProgress<IngestionProgress>? progress)
{
    /// <summary>Warnings kept; a JSONL file of another format would otherwise bring one for every line.</summary>
    private const int MaxWarnings = 1000;

    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<IngestionIssue> _failures = [];
    private readonly List<IngestionIssue> _warnings = [];
    private int _totalFiles;
    private long _totalBytes;
    private int _files;
    private long _bytes;
    private int _read;
    private int _skipped;
    private int _removed;
    private int _unsupported;
    private int _moreWarnings;
    private long _documents;
    private long _chunks;
    private long _writtenBytes;

    internal void Start(int files, long bytes)
    {
        lock (_lock)
        {
            _totalFiles = files;
            _totalBytes = bytes;
            Tell(null);
        }
    }

    internal void Unsupported()
    {
        lock (_lock)
            _unsupported++;
    }

    internal void Removed()
    {
        lock (_lock)
            _removed++;
    }

    internal void Failed(IngestionIssue issue)
    {
        lock (_lock)
            _failures.Add(issue);
    }

    internal void Warned(IngestionIssue issue)
    {
        lock (_lock)
        {
            if (_warnings.Count < MaxWarnings)
                _warnings.Add(issue);
            else
                _moreWarnings++;
        }
    }

    internal void Skipped(string path, long bytes)
    {
        lock (_lock)
        {
            _skipped++;
            Settle(path, bytes);
        }
    }

    internal void Settled(string path, long bytes)
    {
        lock (_lock)
            Settle(path, bytes);
    }

    internal void Written(FilePart part)
    {
        lock (_lock)
        {
            _chunks += part.Chunks.Count;
            _documents += part.Documents;
            if (part.IsLast)
            {
                _read++;
                _writtenBytes += part.Job.Length;
                Settle(part.Job.File.FullPath, part.Job.Length);
            }
            else
            {
                Tell(part.Job.File.FullPath);
            }
        }
    }

    internal IngestionReport Report()
    {
        lock (_lock)
        {
            if (_moreWarnings > 0)
                _warnings.Add(new IngestionIssue("", $"{_moreWarnings} more warnings were left out."));
            return new IngestionReport(_read, _skipped, _removed, _unsupported, _documents, _chunks, _writtenBytes, _watch.Elapsed, [.. _failures], [.. _warnings]);
        }
    }

    private void Settle(string path, long bytes)
    {
        _files++;
        _bytes += bytes;
        Tell(path);
    }

    private void Tell(string? path)
    {
        if (progress is null)
            return;
        // Skipping is so much faster than writing that only written bytes say how long the rest takes.
        TimeSpan? remaining = _writtenBytes > 0 ? _watch.Elapsed * ((double)(_totalBytes - _bytes) / _writtenBytes) : null;
        progress.Report(new IngestionProgress(_files, _totalFiles, _documents, _chunks, _bytes, _totalBytes, _watch.Elapsed, remaining, path));
    }
}
