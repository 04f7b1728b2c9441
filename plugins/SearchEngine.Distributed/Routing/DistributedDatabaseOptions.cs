using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Routing;

/// <summary>How a program uses a cluster. Immutable.</summary>
public sealed record DistributedDatabaseOptions
{
    /// <summary>
    /// Shards of a collection that is made: its keys are spread over them for ever. More than there will ever be silos lets it be spread
    /// evenly; each costs a search a call.
    /// </summary>
    public const int DefaultShards = 8;

    /// <summary>Shards of a collection that is made, 1 to 1,024.</summary>
    public int Shards { get; init; } = DefaultShards;

    /// <summary>How its routers work.</summary>
    public RouterOptions Router { get; init; } = new();

    internal void Validate()
    {
        if (Shards is < 1 or > PostgresCollections.MaxShards)
            throw new ArgumentException($"DistributedDatabaseOptions.Shards is {Shards}: 1 to {PostgresCollections.MaxShards}.");
        Router.Validate();
    }
}
