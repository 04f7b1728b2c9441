using System.Diagnostics;

namespace SearchEngine.Ingestion;

/// <summary>Counts what happens and tells the listener. Thread-safe; the listener is called by one thread at a time.</summary>
internal sealed class IngestionTally(IProgress<IngestionProgress>? progress)
{
    /// <summary>Warnings kept; a JSONL file of another format would otherwise bring one for every line.</summary>
    private const int MaxWarnings = 1000;

    /// <summary>Between two reports of a large file that is only looked at.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<IngestionIssue> _failures = [];
    private readonly List<IngestionIssue> _warnings = [];
    private readonly WriteSpeed _speed = new();
    private readonly Dictionary<string, long> _partial = new(StringComparer.Ordinal);
    private int _totalFiles;
    private long _totalBytes;
    private int _files;
    private long _bytes;
    private int _read;
    private int _skipped;
    private int _removed;
    private int _unsupported;
    private int _moved;
    private int _copies;
    private int _moreWarnings;
    private long _documents;
    private long _chunks;
    private long _reused;
    private long _writtenBytes;
    private TimeSpan _toldAt;

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
        {
            _unsupported++;
        }
    }

    internal void Removed()
    {
        lock (_lock)
        {
            _removed++;
        }
    }

    internal void Failed(IngestionIssue issue)
    {
        lock (_lock)
        {
            _failures.Add(issue);
        }
    }

    internal void Warned(IngestionIssue issue)
    {
        lock (_lock)
        {
            if (_warnings.Count < MaxWarnings)
            {
                _warnings.Add(issue);
            }
            else
            {
                _moreWarnings++;
            }
        }
    }

    internal void Skipped(string path, long bytes)
    {
        lock (_lock)
        {
            _skipped++;
            Settle(path, bytes, isWritten: false);
        }
    }

    /// <summary>Takes back that a file was skipped: it has to be read after all.</summary>
    internal void Unskip(long bytes)
    {
        lock (_lock)
        {
            _skipped--;
            _files--;
            _bytes -= bytes;
        }
    }

    internal void Copied(string path, long bytes)
    {
        lock (_lock)
        {
            _copies++;
            Settle(path, bytes, isWritten: false);
        }
    }

    internal void Settled(string path, long bytes)
    {
        lock (_lock)
        {
            Settle(path, bytes, isWritten: false);
        }
    }

    internal void Written(FilePart part)
    {
        lock (_lock)
        {
            _chunks += part.Chunks.Count;
            _documents += part.Documents;
            _reused += part.Chunks.Count(c => c.Vector is not null);
            if (part.IsLast)
            {
                _read++;
                _moved += part.Job.Replaces is null ? 0 : 1;
                Settle(part.Job.File.FullPath, part.Job.Length, isWritten: true);
            }
            else
            {
                var now = Math.Min(part.Consumed, part.Job.Length);
                _writtenBytes += now - _partial.GetValueOrDefault(part.Job.File.FullPath);
                _partial[part.Job.File.FullPath] = now;
                Tell(part.Job.File.FullPath);
            }
        }
    }

    /// <summary>How far the first look at a large file is; told a few times a second.</summary>
    internal void LookedAt(string path, long bytes)
    {
        lock (_lock)
        {
            if (progress is not null && _watch.Elapsed - _toldAt >= LookInterval)
            {
                Tell(path, bytes);
            }
        }
    }

    /// <summary>How much of an unfinished file is there already: counted as done, but not as written now.</summary>
    internal void GoneOver(string path, long bytes)
    {
        lock (_lock)
        {
            _partial[path] = Math.Max(bytes, _partial.GetValueOrDefault(path));
            if (progress is not null && _watch.Elapsed - _toldAt >= LookInterval)
            {
                Tell(path);
            }
        }
    }

    internal IngestionReport Report(IReadOnlyList<PassedOver> passedOver)
    {
        lock (_lock)
        {
            if (_moreWarnings > 0)
            {
                _warnings.Add(new IngestionIssue("", $"{_moreWarnings} more warnings were left out."));
            }

            var report = new IngestionReport(
                _read,
                _skipped,
                _removed,
                _unsupported,
                _documents,
                _chunks,
                _writtenBytes,
                _watch.Elapsed,
                [.. _failures],
                [.. _warnings]
            );
            return report with { Moved = _moved, Copies = _copies, Reused = _reused, PassedOver = passedOver };
        }
    }

    private void Settle(string path, long bytes, bool isWritten)
    {
        _files++;
        _bytes += bytes;
        var partial = _partial.Remove(path, out var told) ? told : 0;
        _writtenBytes += isWritten ? bytes - partial : 0;
        Tell(path);
    }

    private void Tell(string? path, long lookedAt = 0)
    {
        if (progress is null)
        {
            return;
        }

        var elapsed = _watch.Elapsed;
        _toldAt = elapsed;
        var done = _bytes + _partial.Values.Sum();
        _speed.Measure(elapsed, _writtenBytes);
        TimeSpan? remaining =
            done >= _totalBytes ? TimeSpan.Zero
            : _speed.BytesPerSecond > 0
                ? TimeSpan.FromSeconds(Math.Min((_totalBytes - done) / _speed.BytesPerSecond, TimeSpan.MaxValue.TotalSeconds / 2))
            : null;
        progress.Report(
            new IngestionProgress(_files, _totalFiles, _documents, _chunks, done, _totalBytes, elapsed, remaining, path)
            {
                LookedAtBytes = lookedAt,
            }
        );
    }
}
