using SearchEngine.Distributed.Replication;

namespace SearchEngine.Distributed.Moving;

/// <summary>What a copy came to.</summary>
/// <param name="Content">What both collections hold.</param>
/// <param name="Written">Operations written on the way, in all passes.</param>
/// <param name="Passes">How often the source was read.</param>
public sealed record MoveReport(ContentHash Content, long Written, int Passes);
