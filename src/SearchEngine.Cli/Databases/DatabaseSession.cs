using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Databases;

/// <summary>Opens databases and collections for commands, with messages that say what is there.</summary>
internal static class DatabaseSession
{
    /// <summary>Refuses a folder that holds no database; looks at the folder only.</summary>
    public static void RequireDatabase(DatabasePlan plan)
    {
        if (plan.Settings.Cluster.IsUsed)
            return;
        RequireFolder(plan);
        if (!IsThere(plan))
        {
            throw new HostException(
                $"There is no database in {plan.DisplayName}; 'searchengine ingest PATH --data {plan.DisplayName}' makes one."
            );
        }
    }

    /// <summary>Whether there is anything in the folder; looks at the folder only.</summary>
    public static bool IsThere(DatabasePlan plan) =>
        plan.Settings.Cluster.IsUsed || Directory.Exists(plan.Directory) && Directory.EnumerateFileSystemEntries(plan.Directory).Any();

    /// <summary>Opens a database that must be there already.</summary>
    public static Task<ISearchDatabase> OpenExistingAsync(DatabasePlan plan, EmbedderOptions? embedder, CancellationToken cancellationToken)
    {
        RequireDatabase(plan);
        return OpenAsync(plan, embedder, cancellationToken);
    }

    /// <summary>Opens a database, making it where there is none.</summary>
    public static async Task<ISearchDatabase> OpenAsync(DatabasePlan plan, EmbedderOptions? embedder, CancellationToken cancellationToken)
    {
        if (plan.Settings.Cluster is { IsUsed: true } cluster)
            return await ClusterSession.OpenAsync(cluster, embedder, cancellationToken);

        RequireFolder(plan);
        return await SearchDatabase.OpenAsync(plan.Settings.ToOptions(plan.Directory) with { Embedder = embedder }, cancellationToken);
    }

    /// <summary>Opens a collection that must be there already.</summary>
    public static async Task<ISearchCollection> OpenCollectionAsync(
        ISearchDatabase database,
        DatabasePlan plan,
        string name,
        CancellationToken cancellationToken
    )
    {
        await RequireCollectionAsync(database, plan, name, cancellationToken);
        return await database.GetCollectionAsync(name, cancellationToken);
    }

    /// <summary>Refuses a name that is not there, listing those that are.</summary>
    public static async Task RequireCollectionAsync(
        ISearchDatabase database,
        DatabasePlan plan,
        string name,
        CancellationToken cancellationToken
    )
    {
        if (await database.CollectionExistsAsync(name, cancellationToken))
            return;
        var names = await database.ListCollectionsAsync(cancellationToken);
        var known = names.Count == 0 ? "it has none yet" : $"it has: {string.Join(", ", names)}";
        throw new HostException($"There is no collection '{name}' in {plan.DisplayName}; {known}.");
    }

    private static void RequireFolder(DatabasePlan plan)
    {
        if (File.Exists(plan.Directory))
            throw new HostException($"{plan.DisplayName} is a file; --data takes a database's folder.");
    }
}
