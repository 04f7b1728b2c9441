using System.Collections.Concurrent;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// The databases that stores of this process opened by directory. A directory is owned once, so stores on the same one share an instance:
/// the first opens it (its options hold), the last to go disposes it. Thread-safe.
/// </summary>
internal static class DatabaseRegistry
{
    // Entries stay after their database is closed: a gate must outlive whoever waits at it, and a directory's name costs little.
    private static readonly ConcurrentDictionary<string, Entry> Entries = new(
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal
    );

    /// <summary>Takes a reference on the directory's database, opening it if nobody has.</summary>
    public static async Task<SearchDatabase> AcquireAsync(SearchDatabaseOptions options, CancellationToken cancellationToken)
    {
        var entry = Entries.GetOrAdd(PathOf(options.Directory), static _ => new Entry());
        await entry.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            entry.Database ??= await SearchDatabase.OpenAsync(options, cancellationToken).ConfigureAwait(false);
            entry.References++;
            return entry.Database;
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>Gives a reference back; the last one writes the checkpoint and releases the files before it returns.</summary>
    public static async ValueTask ReleaseAsync(string directory)
    {
        var entry = Entries[PathOf(directory)];
        await entry.Gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            if (--entry.References == 0 && entry.Database is { } database)
            {
                entry.Database = null;
                await database.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>References on the directory's database, for tests.</summary>
    internal static int CountReferences(string directory) => Entries.TryGetValue(PathOf(directory), out var entry) ? entry.References : 0;

    private static string PathOf(string directory) => SearchDatabase.ResolvePath(directory);

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public SearchDatabase? Database { get; set; }

        public int References { get; set; }
    }
}
