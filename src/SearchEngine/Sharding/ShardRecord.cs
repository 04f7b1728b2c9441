namespace SearchEngine.Sharding;

/// <summary>A candidate's record.</summary>
/// <param name="Document">The record; vectors only where asked for.</param>
/// <param name="Snippet">The best passage; null where it was not asked for, or there is none.</param>
/// <param name="Terms">The terms that matched, each with its part of the score; empty where not asked for.</param>
public sealed record ShardRecord(Document Document, Snippet? Snippet, IReadOnlyList<TermContribution> Terms);
