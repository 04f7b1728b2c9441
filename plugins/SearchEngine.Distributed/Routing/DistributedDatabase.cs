using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Routing.Asking;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Distributed.Routing;

/// <summary>
/// A cluster's collections, as a database: any program that uses one of its own machine uses a cluster in its place. Holds no data. Thread-safe.
/// </summary>
public sealed class DistributedDatabase : ISearchDatabase, IDisposable
{
    /// <summary>
    /// How long a name is taken for the same collection without asking: a collection that another program drops and makes anew is noticed
    /// after it.
    /// </summary>
    private static readonly TimeSpan NameLasts = TimeSpan.FromSeconds(1);

    private readonly ISharedLog _log;
    private readonly Func<SharedCollection, IShardMap> _maps;
    private readonly DistributedDatabaseOptions _options;
    private readonly ClusterClient? _client;
    private readonly ConcurrentDictionary<Guid, DistributedCollection> _routers = new();
    private readonly ConcurrentDictionary<string, (long At, DistributedCollection Router)> _names = new(StringComparer.Ordinal);

    /// <summary>Makes the database of a cluster that is connected already; the log and the maps stay the caller's.</summary>
    /// <param name="location">What messages call the cluster.</param>
    /// <param name="log">Its shared log.</param>
    /// <param name="maps">Where the replicas of a collection are.</param>
    /// <param name="options">How it is used; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is impossible.</exception>
    public DistributedDatabase(
        string location,
        ISharedLog log,
        Func<SharedCollection, IShardMap> maps,
        DistributedDatabaseOptions? options = null
    )
        : this(location, log, maps, options, client: null) { }

    private DistributedDatabase(
        string location,
        ISharedLog log,
        Func<SharedCollection, IShardMap> maps,
        DistributedDatabaseOptions? options,
        ClusterClient? client
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(location);
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(maps);
        (Location, _log, _maps, _client) = (location, log, maps, client);
        _options = options ?? new DistributedDatabaseOptions();
        _options.Validate();
    }

    /// <inheritdoc />
    public string Location { get; }

    /// <inheritdoc />
    public EmbedderOptions? Embedder => _options.Router.Embedder;

    /// <summary>Connects to a cluster as a client of its silos. Dispose it.</summary>
    /// <exception cref="ArgumentException">A setting is not valid.</exception>
    /// <exception cref="SearchDatabaseException">PostgreSQL cannot be reached, or no silo.</exception>
    public static async Task<DistributedDatabase> ConnectAsync(
        ClusterSettings settings,
        DistributedDatabaseOptions? options = null,
        ILoggerFactory? loggers = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(settings);
        options?.Validate();
        try
        {
            var client = await ClusterClient.OpenAsync(settings, loggers, cancellationToken).ConfigureAwait(false);
            return new DistributedDatabase(settings.DisplayName, client.Connection.Log, client.Routes.Of, options, client);
        }
        catch (SharedLogException e)
        {
            throw LogFailures.Of(e, null);
        }
        catch (Orleans.Runtime.OrleansException e)
        {
            throw new SearchDatabaseException(
                SearchDatabaseError.ShardUnavailable,
                $"No silo of {settings.DisplayName} can be reached: {e.Message} Start one, or look whether they advertise addresses that this machine reaches.",
                e
            );
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default)
    {
        var collections = await LogFailures.TranslateAsync(() => _log.ListCollectionsAsync(cancellationToken), null).ConfigureAwait(false);
        return [.. collections.Select(collection => collection.Name).Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc />
    public async Task<bool> CollectionExistsAsync(string name, CancellationToken cancellationToken = default) =>
        await FindAsync(name, cancellationToken).ConfigureAwait(false) is not null;

    /// <inheritdoc cref="ISearchDatabase.GetCollectionAsync" />
    public async Task<DistributedCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        await FindAsync(name, cancellationToken).ConfigureAwait(false)
        ?? throw new SearchDatabaseException(SearchDatabaseError.CollectionNotFound, $"There is no collection '{name}' in {Location}.")
        {
            Collection = name,
        };

    /// <inheritdoc cref="ISearchDatabase.CreateCollectionAsync" />
    public async Task<DistributedCollection> CreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default)
    {
        SchemaAgreement.Validate(schema);
        return RouterOf(
            await LogFailures
                .TranslateAsync(() => _log.CreateCollectionAsync(schema, _options.Shards, cancellationToken), schema.Name)
                .ConfigureAwait(false)
        );
    }

    /// <inheritdoc cref="ISearchDatabase.GetOrCreateCollectionAsync" />
    public async Task<DistributedCollection> GetOrCreateCollectionAsync(
        CollectionSchema schema,
        CancellationToken cancellationToken = default
    )
    {
        SchemaAgreement.Validate(schema);
        while (true)
        {
            if (await FindAsync(schema.Name, cancellationToken).ConfigureAwait(false) is { } found)
            {
                SchemaAgreement.Require(found.Schema, schema);
                return found;
            }

            try
            {
                return await CreateCollectionAsync(schema, cancellationToken).ConfigureAwait(false);
            }
            catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.CollectionExists)
            {
                // Somebody else made it in between: it is checked like any other.
            }
        }
    }

    /// <inheritdoc />
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        SchemaAgreement.ValidateName(name);
        var found = await LogFailures.TranslateAsync(() => _log.FindCollectionAsync(name, cancellationToken), name).ConfigureAwait(false);
        if (found is null)
            return false;
        var dropped = await LogFailures
            .TranslateAsync(() => _log.DropCollectionAsync(found.Id, cancellationToken), name)
            .ConfigureAwait(false);
        _names.TryRemove(name, out _);
        _routers.TryRemove(found.Id, out _);
        return dropped;
    }

    /// <summary>How the cluster is: its silos, its shards and how far each replica is behind. Asks PostgreSQL alone.</summary>
    /// <exception cref="SearchDatabaseException">PostgreSQL cannot be reached.</exception>
    /// <exception cref="InvalidOperationException">The database was made of a log and maps, not by <see cref="ConnectAsync"/>.</exception>
    public Task<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        _client is { } client
            ? LogFailures.TranslateAsync(() => client.Connection.Administration.GetStatusAsync(cancellationToken), null)
            : throw new InvalidOperationException("This database was made of a log and maps: how its cluster is, it does not know.");

    /// <summary>Leaves the cluster, where it was joined by <see cref="ConnectAsync"/>.</summary>
    public ValueTask DisposeAsync() => _client?.DisposeAsync() ?? default;

    /// <summary>The same, for containers of services that are not disposed asynchronously.</summary>
    public void Dispose()
    {
        // On a pool thread, so that a caller's synchronization context cannot deadlock with it.
        if (_client is not null)
            Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();
    }

    async Task<ISearchCollection> ISearchDatabase.GetCollectionAsync(string name, CancellationToken cancellationToken) =>
        await GetCollectionAsync(name, cancellationToken).ConfigureAwait(false);

    async Task<ISearchCollection> ISearchDatabase.CreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken) =>
        await CreateCollectionAsync(schema, cancellationToken).ConfigureAwait(false);

    async Task<ISearchCollection> ISearchDatabase.GetOrCreateCollectionAsync(
        CollectionSchema schema,
        CancellationToken cancellationToken
    ) => await GetOrCreateCollectionAsync(schema, cancellationToken).ConfigureAwait(false);

    private async Task<DistributedCollection?> FindAsync(string name, CancellationToken cancellationToken)
    {
        SchemaAgreement.ValidateName(name);
        if (_names.TryGetValue(name, out var known) && Environment.TickCount64 - known.At < NameLasts.TotalMilliseconds)
            return known.Router;
        var found = await LogFailures.TranslateAsync(() => _log.FindCollectionAsync(name, cancellationToken), name).ConfigureAwait(false);
        if (found is null)
        {
            _names.TryRemove(name, out _);
            return null;
        }

        var router = RouterOf(found);
        _names[name] = (Environment.TickCount64, router);
        return router;
    }

    private DistributedCollection RouterOf(SharedCollection collection) =>
        _routers.GetOrAdd(collection.Id, _ => new DistributedCollection(collection, _maps(collection), _log, _options.Router));
}
