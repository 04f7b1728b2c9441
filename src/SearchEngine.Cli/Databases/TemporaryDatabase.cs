using SearchEngine.Hosting;

namespace SearchEngine.Cli.Databases;

/// <summary>
/// A database in the system's folder for temporary files, deleted when it is closed. Nothing in it needs to survive a crash.
/// </summary>
internal sealed class TemporaryDatabase : IAsyncDisposable
{
    private readonly string _directory;

    private TemporaryDatabase(string directory, SearchDatabase database)
    {
        _directory = directory;
        Database = database;
    }

    public SearchDatabase Database { get; }

    public static async Task<TemporaryDatabase> CreateAsync(
        DatabaseSettings settings,
        EmbedderOptions? embedder,
        CancellationToken cancellationToken
    )
    {
        var directory = Directory.CreateTempSubdirectory("searchengine-").FullName;
        try
        {
            var options = settings.ToOptions(directory) with
            {
                Embedder = embedder,
                Durability = DatabaseDurability.None,
                CheckpointInterval = TimeSpan.Zero,
            };
            return new TemporaryDatabase(directory, await SearchDatabase.OpenAsync(options, cancellationToken));
        }
        catch
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
