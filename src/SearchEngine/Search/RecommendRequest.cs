namespace SearchEngine;

/// <summary>A wish for records like some and unlike others.</summary>
public sealed record RecommendRequest
{
    /// <summary>Keys of records to be like; at least one.</summary>
    public required IReadOnlyList<RecordKey> Liked { get; init; }

    /// <summary>Keys of records to be unlike.</summary>
    public IReadOnlyList<RecordKey> Disliked { get; init; } = [];

    /// <summary>
    /// What else the search asks for: hits, filter, snippets. Its query and its mode are passed over: the search is by vector.
    /// </summary>
    public SearchRequest Search { get; init; } = new();
}
