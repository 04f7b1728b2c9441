using SearchEngine.Hosting;

namespace SearchEngine.Api;

/// <summary>The host's database and its model. Without a model folder the host serves keyword search and callers' own vectors.</summary>
internal sealed class OpenedDatabase : IAsyncDisposable
{
    private readonly LoadedModel? _model;

    private OpenedDatabase(SearchDatabase database, LoadedModel? model)
    {
        Database = database;
        _model = model;
    }

    public SearchDatabase Database { get; }

    /// <summary>The model's identity; null where there is none.</summary>
    public string? ModelName => _model?.Identity;

    /// <summary>Components of the model's vectors; null where there is none.</summary>
    public int? Dimension => _model?.Dimension;

    public static async Task<OpenedDatabase> OpenAsync(Settings settings)
    {
        var model = ModelPlan.TryDefault(settings) is { } plan ? LoadedModel.Load(plan) : null;
        try
        {
            var options = settings.Database.ToOptions(Path.GetFullPath(settings.Data)) with { Embedder = model?.ToEmbedder() };
            return new OpenedDatabase(await SearchDatabase.OpenAsync(options), model);
        }
        catch
        {
            model?.Dispose();
            throw;
        }
    }

    /// <summary>The collection of that name.</summary>
    /// <exception cref="SearchDatabaseException">There is none; the message lists those that there are.</exception>
    public async Task<SearchCollection> GetAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await Database.GetCollectionAsync(name, cancellationToken);
        }
        catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.CollectionNotFound)
        {
            throw NotFound(name);
        }
    }

    /// <summary>The error for a name that is not there; unlike the engine's it does not tell the folder.</summary>
    public SearchDatabaseException NotFound(string name)
    {
        var names = Database.ListCollections();
        return new SearchDatabaseException(
            SearchDatabaseError.CollectionNotFound,
            $"There is no collection '{name}'; {(names.Count == 0 ? "the database has none yet" : "there are: " + string.Join(", ", names))}."
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _model?.Dispose();
    }
}
