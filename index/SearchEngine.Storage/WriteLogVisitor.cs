namespace SearchEngine.Storage;

/// <summary>Receives one entry of the log; the span is valid during the call only.</summary>
/// <param name="entry">The entry's bytes.</param>
/// <param name="nextAddress">The address after the entry.</param>
public delegate void WriteLogVisitor(ReadOnlySpan<byte> entry, long nextAddress);
