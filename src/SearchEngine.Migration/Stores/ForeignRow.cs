namespace SearchEngine.Migration;

/// <summary>A row of a foreign store.</summary>
/// <param name="Place">Where it lies, for messages: "line 12".</param>
/// <param name="Values">
/// Values by column: null, bool, long, float, double, decimal, string, Guid, DateTime, DateTimeOffset, DateOnly, TimeOnly, byte[];
/// float[] for
/// numbers that may be a vector; object?[] for another list; <see cref="JsonValue"/> for what is nested; <see cref="UntypedText"/> where
/// the
/// format says nothing of types; <see cref="UnmappedValue"/> for what has no counterpart. Columns whose name starts with '$' are the
/// store's own.
/// </param>
public sealed record ForeignRow(string Place, IReadOnlyDictionary<string, object?> Values);
