using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Databases;

/// <summary>Opens databases and collections for commands, with messages that say what is there.</summary>
internal static class DatabaseSession
{
    /// <summary>Refuses a folder that holds no database; looks at the folder only.</summary>
    public static void RequireDatabase(DatabasePlan plan)
    {
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
        Directory.Exists(plan.Directory) && Directory.EnumerateFileSystemEntries(plan.Directory).Any();

    /// <summary>Opens a database that must be there already.</summary>
    public static Task<SearchDatabase> OpenExistingAsync(DatabasePlan plan, EmbedderOptions? embedder, CancellationToken cancellationToken)
    {
        RequireDatabase(plan);
        return OpenAsync(plan, embedder, cancellationToken);
    }

    /// <summary>Opens a database, making it where there is none.</summary>
    public static Task<SearchDatabase> OpenAsync(DatabasePlan plan, EmbedderOptions? embedder, CancellationToken cancellationToken)
    {
        RequireFolder(plan);
        return SearchDatabase.OpenAsync(plan.Settings.ToOptions(plan.Directory) with { Embedder = embedder }, cancellationToken);
    }

    /// <summary>Opens a collection that must be there already.</summary>
    public static Task<SearchCollection> OpenCollectionAsync(
        SearchDatabase database,
        DatabasePlan plan,
        string name,
        CancellationToken cancellationToken
    )
    {
        RequireCollection(database, plan, name);
        return database.GetCollectionAsync(name, cancellationToken);
    }

    /// <summary>Refuses a name that is not there, listing those that are.</summary>
    public static void RequireCollection(SearchDatabase database, DatabasePlan plan, string name)
    {
        if (database.CollectionExists(name))
            return;
        var names = database.ListCollections();
        var known = names.Count == 0 ? "it has none yet" : $"it has: {string.Join(", ", names)}";
        throw new HostException($"There is no collection '{name}' in {plan.DisplayName}; {known}.");
    }

    private static void RequireFolder(DatabasePlan plan)
    {
        if (File.Exists(plan.Directory))
            throw new HostException($"{plan.DisplayName} is a file; --data takes a database's folder.");
    }
}
