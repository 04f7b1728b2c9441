using SearchEngine.Reading;

namespace SearchEngine.Maintenance;

/// <summary>Something that is opened beside something else, and closed again unless it is taken.</summary>
internal sealed class SideOpening<T>(Func<T> open) : IDisposable
    where T : class?, IDisposable?
{
    private readonly SideWork<T> _work = SideWork<T>.Start(open);
    private bool _isTaken;

    /// <summary>What was opened, or what the opening threw: waited for, or done now where no thread has begun.</summary>
    public T Take()
    {
        _isTaken = true;
        return _work.ResultAsync().AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Waits for an opening that was begun and not taken, and closes what it opened.</summary>
    public void Dispose()
    {
        if (!_isTaken)
            _work.CancelAsync().GetAwaiter().GetResult()?.Dispose();
    }
}
