namespace SearchEngine.Sharding;

/// <summary>A read of records of a search's moment.</summary>
/// <param name="Moment">The moment (<see cref="ShardCandidates.Moment"/>).</param>
/// <param name="Records">The records, by the numbers that the candidates have.</param>
public sealed record ShardRead(long Moment, int[] Records)
{
    /// <summary>Whether the records carry their vectors.</summary>
    public bool IncludeVectors { get; init; }

    /// <summary>Whether they come with a snippet of the search's field.</summary>
    public bool Snippets { get; init; }

    /// <summary>Whether they come with the terms of the query that they match.</summary>
    public bool Terms { get; init; }

    /// <summary>Whether this is the last read of the moment.</summary>
    public bool Release { get; init; }
}
