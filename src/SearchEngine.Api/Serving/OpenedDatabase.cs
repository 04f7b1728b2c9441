using Microsoft.Extensions.AI;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Distributed.Routing;
using SearchEngine.Embeddings;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Api.Serving;

/// <summary>
/// The host's database and its model. Without a model folder the host serves keyword search and callers' own vectors. It is opened while
/// the host listens already: until then requests are told to come back.
/// </summary>
internal sealed class OpenedDatabase(Settings settings, EmbedderOptions? given = null, ILoggerFactory? loggers = null) : IAsyncDisposable
{
    private LoadedModel? _model;
    private EmbedderOptions? _embedder;
    private LoadedReranker? _reranker;
    private volatile ISearchDatabase? _database;

    /// <summary>Whether it is open.</summary>
    public bool IsOpen => _database is not null;

    /// <exception cref="RequestException">It is being opened.</exception>
    public ISearchDatabase Database => _database ?? throw RequestException.Busy("The database is being opened; try again in a second.");

    /// <summary>The database as one of this machine, for what belongs to its files.</summary>
    /// <param name="what">What is wanted of it, as the beginning of a sentence.</param>
    /// <exception cref="RequestException">It is being opened.</exception>
    /// <exception cref="SearchDatabaseException">The host serves a cluster.</exception>
    public SearchDatabase Local(string what) => Database.RequireLocal(what);

    /// <summary>The database as a cluster.</summary>
    /// <exception cref="RequestException">It is being opened, or is one of this machine.</exception>
    public DistributedDatabase Cluster =>
        Database as DistributedDatabase
        ?? throw RequestException.NotFound("This host serves a database of one machine: there is no cluster to look at.");

    /// <summary>The embedding model; null where there is none.</summary>
    public EmbedderOptions? Embedder => _embedder;

    /// <summary>The reranker of the settings; null where they name none.</summary>
    public IReranker? Reranker => _reranker?.Reranker;

    /// <summary>The model's identity; null where there is none.</summary>
    public string? ModelName => _embedder?.Identity;

    /// <summary>Components of the model's vectors; null where there is none.</summary>
    public int? Dimension { get; private set; }

    /// <summary>Counts a text's tokens as the model does; about one per four letters where it does not say.</summary>
    public int CountTokens(string text) => _model?.Generator.CountTokens(text) ?? (text.Length + 3) / 4;

    /// <summary>How files and texts are cut into passages.</summary>
    public ChunkerOptions Chunking =>
        new()
        {
            MaxTokens = settings.Ingestion.ChunkTokens,
            OverlapTokens = settings.Ingestion.OverlapTokens,
            CountTokens = CountTokens,
            CountTokensName = ModelName ?? string.Empty,
        };

    /// <summary>Embeds the passages of a document in its context, where the settings say so; null where they are embedded one by one.</summary>
    public Func<IReadOnlyList<string>, CancellationToken, Task<IReadOnlyList<ReadOnlyMemory<float>>>>? EmbedPassages { get; private set; }

    public async Task OpenAsync()
    {
        if (given is null && ModelPlan.TryDefault(settings) is { } plan)
            _model = LoadedModel.Load(plan);
        _embedder = given ?? _model?.ToEmbedder();
        Dimension = _embedder?.Generator.GetService<EmbeddingGeneratorMetadata>()?.DefaultModelDimensions ?? _model?.Dimension;
        if (settings.Ingestion.LateChunking && (_model?.Generator ?? _embedder?.Generator as Llm2VecEmbeddingGenerator) is { } generator)
            EmbedPassages = LoadedModel.PassagesOf(generator);
        _reranker = LoadedReranker.Load(RerankPlan.Of(settings.Search.Reranker, settings.Embedding), _model);
        if (settings.Database.Cluster.IsUsed)
        {
            var cluster = settings.Database.Cluster;
            _database = await DistributedDatabase.ConnectAsync(cluster.ToSettings(), cluster.ToOptions(_embedder, Reranker), loggers);
            return;
        }

        var options = settings.Database.ToOptions(Path.GetFullPath(settings.Data)) with
        {
            Embedder = _embedder,
            Reranker = Reranker,
            LoggerFactory = loggers,
        };
        _database = await SearchDatabase.OpenAsync(options);
    }

    /// <summary>The collection of that name, made for files and texts where it is not there and the caller may make one.</summary>
    /// <exception cref="SearchDatabaseException">There is none, and the caller may not make it.</exception>
    public async Task<ISearchCollection> GetOrMakeForTextsAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        AccessGuard.RequireScope(caller, name);
        return caller.Access < Access.Admin || await Database.CollectionExistsAsync(name, cancellationToken)
            ? await GetAsync(name, caller, cancellationToken)
            : await Database.GetOrCreateCollectionAsync(IngestionSchema.Create(name, Dimension ?? 0, ModelName), cancellationToken);
    }

    /// <summary>The collection of that name, for a caller who may see it.</summary>
    /// <exception cref="SearchDatabaseException">There is none; the message lists those that the caller may see.</exception>
    public async Task<ISearchCollection> GetAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        AccessGuard.RequireScope(caller, name);
        try
        {
            return await Database.GetCollectionAsync(name, cancellationToken);
        }
        catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.CollectionNotFound)
        {
            throw await NotFoundAsync(name, caller, cancellationToken);
        }
    }

    /// <summary>As <see cref="GetAsync"/>, for what belongs to the files of this machine.</summary>
    /// <exception cref="RequestException">The host serves a cluster.</exception>
    public async Task<SearchCollection> GetLocalAsync(string name, string what, Caller caller, CancellationToken cancellationToken)
    {
        Local(what);
        return (await GetAsync(name, caller, cancellationToken)).RequireLocal(what);
    }

    /// <summary>The error for a name that is not there; unlike the engine's it does not tell the folder.</summary>
    public async Task<SearchDatabaseException> NotFoundAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        var names = (await Database.ListCollectionsAsync(cancellationToken)).Where(caller.MaySee).ToArray();
        return new SearchDatabaseException(
            SearchDatabaseError.CollectionNotFound,
            $"There is no collection '{name}'; {(names.Length == 0 ? "the database has none yet" : "there are: " + string.Join(", ", names))}."
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is { } database)
            await database.DisposeAsync();
        _reranker?.Dispose();
        _model?.Dispose();
    }
}
