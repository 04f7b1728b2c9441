using System.Threading.Channels;

namespace SearchEngine.Ingestion;

/// <summary>
/// Tells that something below folders has changed, once for each burst of changes: only that, not what, so that lost events, rotated logs
/// and
/// files that editors save by renaming cost nothing but another look. Thread-safe.
/// </summary>
public sealed class FolderWatch : IDisposable
{
    // So long no change must come before it is told: editors save in several steps.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);

    // Under unceasing changes they are told after so long.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly List<FileSystemWatcher> _watchers = [];

    /// <summary>Watches folders with all below them, and the folders of files.</summary>
    /// <exception cref="IOException">The system watches no more folders.</exception>
    public FolderWatch(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        foreach (var path in paths)
        {
            var full = Path.GetFullPath(path);
            var isFolder = Directory.Exists(full);
            var folder = isFolder ? full : FolderOf(full);
            var watcher = new FileSystemWatcher(folder)
            {
                IncludeSubdirectories = isFolder || GlobPattern.IsPattern(path),
                InternalBufferSize = 1 << 16,
            };
            watcher.Changed += (_, _) => Note();
            watcher.Created += (_, _) => Note();
            watcher.Deleted += (_, _) => Note();
            watcher.Renamed += (_, _) => Note();
            watcher.Error += (_, _) => Note();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
    }

    /// <summary>Waits for a change, and then until no more come.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _changes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var first = Environment.TickCount64;
        while (Environment.TickCount64 - first < LongestWait.TotalMilliseconds)
        {
            await Task.Delay(Quiet, cancellationToken).ConfigureAwait(false);
            if (!_changes.Reader.TryRead(out _))
            {
                return;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _watchers.ForEach(watcher => watcher.Dispose());

    private void Note() => _changes.Writer.TryWrite(true);

    private static string FolderOf(string path)
    {
        var root = GlobPattern.IsPattern(path)
            ? path[..Math.Max(1, GlobPattern.RootLength(path.Replace(Path.DirectorySeparatorChar, '/')))]
            : Path.GetDirectoryName(path)!;
        return Directory.Exists(root) ? root : throw new DirectoryNotFoundException($"There is no folder '{root}' to watch.");
    }
}
