namespace SearchEngine.Moments;

/// <summary>A short read of one moment, on one thread: what is visible in it stays until the guard is disposed. Is never revoked.</summary>
internal readonly ref struct MomentGuard
{
    private readonly ReadEpochs? _epochs;
    private readonly ReadEpochs.Slot _slot;
    private readonly LeaseState? _step;

    internal MomentGuard(ReadEpochs epochs, ReadEpochs.Slot slot, CollectionMoment moment)
    {
        _epochs = epochs;
        _slot = slot;
        Moment = moment;
    }

    internal MomentGuard(LeaseState step, CollectionMoment moment)
    {
        _step = step;
        Moment = moment;
    }

    public CollectionMoment Moment { get; }

    public void Dispose()
    {
        _epochs?.Leave(_slot);
        _step?.EndStep();
    }
}
