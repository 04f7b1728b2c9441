namespace SearchEngine.Moments;

/// <summary>
/// What a group of writes changed in the two maps that are not versioned, as it was before: for readers of an earlier moment.
/// Immutable once its moment is linked.
/// </summary>
/// <param name="Keys">Each key that changed, with the ordinal it had before; -1 where it had none.</param>
/// <param name="Metadata">Each name that changed, with the value it had before; null where it had none.</param>
internal sealed record MomentChanges(IReadOnlyDictionary<RecordKey, int> Keys, IReadOnlyDictionary<string, string?> Metadata)
{
    /// <summary>How many keys and names changed.</summary>
    public int Count => Keys.Count + Metadata.Count;

    public static readonly MomentChanges None = new(new Dictionary<RecordKey, int>(), new Dictionary<string, string?>());
}
