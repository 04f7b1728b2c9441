namespace SearchEngine.Tests.Linearizability;

/// <summary>A record in the model. Values are unique to the write that set them.</summary>
/// <param name="Exists">Whether there is a record.</param>
/// <param name="Value">What every write and patch sets.</param>
/// <param name="Kept">What only whole writes set: a patch keeps it.</param>
/// <param name="Tag">What filters ask for; a patch keeps it.</param>
/// <param name="Version">The version; null where the write did not learn it.</param>
internal readonly record struct RecordState(bool Exists, int Value = 0, int Kept = 0, int Tag = 0, RecordVersion? Version = null)
{
    public static readonly RecordState None = new(false);

    /// <summary>Whether a read that saw <paramref name="seen"/> can have seen this.</summary>
    public bool Agrees(RecordState seen) =>
        Exists == seen.Exists
        && (
            !Exists
            || (
                (Value, Kept, Tag) == (seen.Value, seen.Kept, seen.Tag)
                && (Version is null || seen.Version is null || Version == seen.Version)
            )
        );
}
