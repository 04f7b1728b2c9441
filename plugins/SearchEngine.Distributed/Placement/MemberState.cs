namespace SearchEngine.Distributed.Placement;

/// <summary>What a silo is to do.</summary>
public enum MemberState
{
    /// <summary>It holds replicas.</summary>
    Active,

    /// <summary>It gives its replicas to others, and holds each until they serve.</summary>
    Draining,

    /// <summary>It was silent for so long that others hold its replicas in its place; it is active again as soon as it says something.</summary>
    Absent,
}
