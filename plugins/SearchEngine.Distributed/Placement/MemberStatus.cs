namespace SearchEngine.Distributed.Placement;

/// <summary>How a silo is. Immutable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">What it is to do; null where it is no member.</param>
/// <param name="IsAlive">Whether it said something a short while ago.</param>
/// <param name="Replicas">How many it holds.</param>
/// <param name="DiskBytes">Their bytes on its disk.</param>
public sealed record MemberStatus(string Name, MemberState? State, bool IsAlive, int Replicas, long DiskBytes);
