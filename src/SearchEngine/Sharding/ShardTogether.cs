namespace SearchEngine.Sharding;

/// <summary>How often words are together.</summary>
/// <param name="Documents">Records that hold all of the first words.</param>
/// <param name="Counts">Of those, how many hold each of the others.</param>
public sealed record ShardTogether(long Documents, IReadOnlyList<long> Counts);
