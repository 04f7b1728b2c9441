namespace SearchEngine.Moments;

/// <summary>
/// The current moment of a collection, and the readers of it and of earlier ones. Readers enter without a lock; the write loop alone
/// publishes. Thread-safe.
/// </summary>
internal sealed class Timeline(string collection, string directory, LiveSnapshot live)
{
    private static readonly TimeSpan LastReadersPoll = TimeSpan.FromMilliseconds(1);

    private CollectionMoment _current = new(1, live, new MomentLink(MomentChanges.None));
    private int _closed;

    public ReadEpochs Epochs { get; } = new();

    /// <summary>The newest moment. To read records in it, enter it.</summary>
    public CollectionMoment Current => Volatile.Read(ref _current);

    /// <summary>Enters the current moment for a short read on this thread.</summary>
    /// <exception cref="ObjectDisposedException">The collection was closed.</exception>
    public MomentGuard Enter()
    {
        // The order matters: announced first, the moment that is taken then is that one or a later one.
        var slot = EnterSlot();
        return new MomentGuard(Epochs, slot, Current);
    }

    /// <summary>Enters the current moment for a long read.</summary>
    /// <exception cref="ObjectDisposedException">The collection was closed.</exception>
    public ReadLease Lease()
    {
        var slot = EnterSlot();
        return new ReadLease(this, slot, Current);
    }

    /// <summary>
    /// Announces a reader. Closing looks for readers after it forbade them, and a reader looks whether it may after it announced itself: one
    /// of the two sees the other.
    /// </summary>
    private ReadEpochs.Slot EnterSlot()
    {
        ThrowIfClosed();
        var slot = Epochs.Enter(Current.Sequence);
        if (Volatile.Read(ref _closed) != 0)
            Epochs.Leave(slot);
        ThrowIfClosed();
        return slot;
    }

    /// <summary>Links the next moment to the current one; the maps may be changed from now on. The write loop's alone.</summary>
    public CollectionMoment Link(LiveSnapshot live, MomentChanges changes)
    {
        var next = new CollectionMoment(_current.Sequence + 1, live, new MomentLink(changes));
        _current.Link.Append(next.Link);
        return next;
    }

    /// <summary>Makes a linked moment the current one: from here on it is what readers see.</summary>
    public void Publish(CollectionMoment next) => Interlocked.Exchange(ref _current, next);

    /// <summary>Puts another state in place of the first one, while there are no readers yet: at opening.</summary>
    public void Reset(LiveSnapshot live) => Publish(new CollectionMoment(_current.Sequence + 1, live, new MomentLink(MomentChanges.None)));

    /// <summary>
    /// No reader enters from now on and no step begins; those that are reading end first. What lies open between two steps (an enumerator that
    /// nobody moves) is not waited for: its next step throws.
    /// </summary>
    public async Task CloseAsync()
    {
        Interlocked.Exchange(ref _closed, 1);
        while (!Epochs.RevokeAll())
            await Task.Delay(LastReadersPoll).ConfigureAwait(false);
    }

    public void ThrowIfClosed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) != 0, typeof(SearchCollection));

    public SearchDatabaseException TooOld() =>
        new(
            SearchDatabaseError.SnapshotTooOld,
            $"This read of collection '{collection}' was held open while so many records were updated or deleted that what it would have read was given up. "
                + "Read faster, in smaller parts, or start again: a new read sees the collection as it is now."
        )
        {
            Collection = collection,
            Directory = directory,
        };
}
