namespace SearchEngine;

/// <summary>What a write did.</summary>
/// <param name="Inserted">Records that were not there before.</param>
/// <param name="Updated">Records replaced.</param>
/// <param name="Deleted">Records deleted.</param>
/// <param name="LogAddress">The write log's address behind it.</param>
public sealed record WriteResult(int Inserted, int Updated, int Deleted, long LogAddress);
