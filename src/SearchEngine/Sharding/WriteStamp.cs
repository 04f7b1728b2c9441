namespace SearchEngine.Sharding;

/// <summary>
/// What a batch carries that comes of a log which several collections follow: its records' version, so that it is the same in all of them,
/// and values that are written with it, so that after a crash either both are there or none.
/// </summary>
/// <param name="Version">The version of the batch's records; larger than that of every batch before it.</param>
/// <param name="Metadata">
/// The metadata to set, of what the batch came to; called where the batch is carried out. Null values remove.
/// </param>
public sealed record WriteStamp(RecordVersion Version, Func<WriteResult, IReadOnlyList<KeyValuePair<string, string?>>> Metadata);
