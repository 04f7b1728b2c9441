namespace SearchEngine;

/// <summary>What a reranker did in a search.</summary>
/// <param name="Reranker">Its name.</param>
/// <param name="Read">Passages that it read within its time.</param>
/// <param name="Wanted">Passages that it was to read.</param>
/// <param name="Seconds">The time it took.</param>
public sealed record RerankReport(string Reranker, int Read, int Wanted, double Seconds);
