namespace SearchEngine.Vectors.Hnsw;

/// <summary>The state of an ordinal in the graph.</summary>
internal enum NodeState : byte
{
    Absent = 0,
    Live = 1,
    Removed = 2,
    Pending = 3,

    /// <summary>Removed, and a repair is taking every link to it away: nothing may link to it any more.</summary>
    Dying = 4,
}
