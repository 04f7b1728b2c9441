namespace SearchEngine.Distributed.Log;

/// <summary>Which entries of a shard's log there are. A value.</summary>
/// <param name="Trimmed">Entries up to and with this position are gone; 0 where none is.</param>
/// <param name="Head">The last entry's position; 0 before the first.</param>
public readonly record struct LogBounds(long Trimmed, long Head);
