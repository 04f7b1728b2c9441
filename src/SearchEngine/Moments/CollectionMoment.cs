namespace SearchEngine.Moments;

/// <summary>
/// One moment of a collection: the records that are visible in it, and the way to the moments after it, along which a reader finds what
/// the maps (key → ordinal, metadata) held in its own. Safe for any number of readers; the write loop alone makes the next one.
/// </summary>
/// <remarks>
/// The maps are changed in place. So that a reader of an earlier moment still gets its own answer, the next moment is linked with what
/// the maps held <em>before</em> the first of them is touched: a reader looks into the map first and then along the links, and the first
/// link that names its key has the answer. Nothing waits, nothing is tried again.
/// Links point forward only: moments that no reader holds are garbage. What a reader holds of later moments is their links, whose number is
/// bounded (<see cref="HeldLinks"/>).
/// </remarks>
internal sealed class CollectionMoment(long sequence, LiveSnapshot live, MomentLink link)
{
    /// <summary>Rises by one with every group of writes; the first is 1.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>The visible records.</summary>
    public LiveSnapshot Live { get; } = live;

    /// <summary>Where the way to the moments after this one begins.</summary>
    public MomentLink Link { get; } = link;

    /// <summary>The ordinal that a key had in this moment.</summary>
    /// <param name="key">The key.</param>
    /// <param name="mapped">What the key map said, read after this moment was entered; -1 for nothing.</param>
    public int OrdinalOf(RecordKey key, int mapped)
    {
        for (var later = Link.Next; later is not null; later = later.Next)
        {
            if (later.Changes.Keys.TryGetValue(key, out var before))
                return before;
        }

        return mapped;
    }

    /// <summary>The metadata value that a name had in this moment; as <see cref="OrdinalOf"/>.</summary>
    public string? MetadataOf(string name, string? mapped)
    {
        for (var later = Link.Next; later is not null; later = later.Next)
        {
            if (later.Changes.Metadata.TryGetValue(name, out var before))
                return before;
        }

        return mapped;
    }
}
