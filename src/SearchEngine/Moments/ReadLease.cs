namespace SearchEngine.Moments;

/// <summary>
/// A long read of one moment, across awaits or in an enumerator. What it reads stays until it is disposed, or until so much has piled up
/// behind it that it is revoked: then the next step throws. A lease that is forgotten is released by its finalizer. Steps may run on
/// several threads at a time; disposing is for one.
/// </summary>
internal sealed class ReadLease : IDisposable
{
    private readonly Timeline _timeline;
    private readonly ReadEpochs.Slot _slot;
    private readonly LeaseState _state;
    private int _released;

    internal ReadLease(Timeline timeline, ReadEpochs.Slot slot, CollectionMoment moment)
    {
        _timeline = timeline;
        _slot = slot;
        _state = new LeaseState(moment);
        ReadEpochs.Tie(slot, _state);
    }

    ~ReadLease() => Release();

    /// <summary>Begins to read something of the moment; dispose the guard when it is read.</summary>
    /// <exception cref="SearchDatabaseException">The lease was revoked: <see cref="SearchDatabaseError.SnapshotTooOld"/>.</exception>
    /// <exception cref="ObjectDisposedException">The collection was closed.</exception>
    public MomentGuard Step()
    {
        _timeline.ThrowIfClosed();
        if (_state.TryStep() is { } moment)
            return new MomentGuard(_state, moment);
        _timeline.ThrowIfClosed();
        throw _timeline.TooOld();
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
            _timeline.Epochs.Leave(_slot);
    }
}
