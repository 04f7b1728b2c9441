namespace SearchEngine.Storage;

/// <summary>
/// Receives one live record of a scan; the spans are valid during the call only. It may read and write the store, but not compact it.
/// </summary>
/// <param name="key">The record's key.</param>
/// <param name="value">The record's value.</param>
public delegate void RecordVisitor(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

/// <summary>Receives a value that was read; the span is valid during the call only.</summary>
/// <typeparam name="TState">What the caller passes through.</typeparam>
/// <param name="state">The caller's state.</param>
/// <param name="value">The record's value.</param>
public delegate void ReadAction<TState>(ref TState state, ReadOnlySpan<byte> value)
    where TState : allows ref struct;
