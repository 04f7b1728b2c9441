namespace SearchEngine;

/// <summary>What a check of a collection found.</summary>
/// <param name="Collection">The collection's name.</param>
/// <param name="Problems">One line each, naming the view and what is wrong; empty when the collection is sound.</param>
/// <param name="Records">Live records seen.</param>
/// <param name="Checks">What was checked, with counts.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record VerificationReport(
    string Collection,
    IReadOnlyList<string> Problems,
    long Records,
    IReadOnlyList<string> Checks,
    TimeSpan Elapsed
)
{
    /// <summary>Whether nothing was found wrong.</summary>
    public bool IsSound => Problems.Count == 0;
}
