using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Postgres;
using SearchEngine.Distributed.Snapshots;

namespace SearchEngine.Distributed.Silo;

/// <summary>What a cluster has in PostgreSQL, opened: log, snapshots, placement. Thread-safe.</summary>
public sealed class ClusterConnection : IAsyncDisposable
{
    private ClusterConnection(ClusterSettings settings, PostgresDatabase database)
    {
        (Settings, Database) = (settings, database);
        Log = new PostgresLog(database);
        Placement = new PostgresPlacement(database);
        Administration = new ClusterAdministration(database, Log, Placement);
        Snapshots = settings.SnapshotFolder is { } folder ? new FolderSnapshotStore(folder) : new PostgresSnapshotStore(database);
    }

    /// <summary>What it was opened with.</summary>
    public ClusterSettings Settings { get; }

    /// <summary>The database.</summary>
    public PostgresDatabase Database { get; }

    /// <summary>The shared log.</summary>
    public ISharedLog Log { get; }

    /// <summary>Who belongs to the cluster and holds what.</summary>
    public IPlacementStore Placement { get; }

    /// <summary>How the cluster is, and who belongs to it.</summary>
    public ClusterAdministration Administration { get; }

    /// <summary>Snapshots of shards.</summary>
    public ISnapshotStore Snapshots { get; }

    /// <summary>Opens it; tables are made where there are none.</summary>
    /// <exception cref="ArgumentException">A setting is not valid.</exception>
    /// <exception cref="SharedLogException">PostgreSQL cannot be reached, or refuses.</exception>
    public static async Task<ClusterConnection> OpenAsync(ClusterSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new ClusterConnection(
            settings,
            await PostgresDatabase.OpenAsync(settings.Postgres, cancellationToken).ConfigureAwait(false)
        );
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Log.DisposeAsync().ConfigureAwait(false);
        await Database.DisposeAsync().ConfigureAwait(false);
    }
}
