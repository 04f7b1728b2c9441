using SearchEngine.Distributed.Log;

namespace SearchEngine.Distributed.Routing.Serving;

/// <summary>How far a replica is, for those who wait for it. One moves it, any number wait.</summary>
internal sealed class AppliedPosition(LogCursor cursor)
{
    private readonly Lock _lock = new();
    private LogCursor _cursor = cursor;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LogCursor Cursor
    {
        get
        {
            lock (_lock)
                return _cursor;
        }
    }

    public void MoveTo(LogCursor cursor)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            _cursor = cursor;
            (moved, _moved) = (_moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        moved.SetResult();
    }

    /// <summary>Waits until a position is applied; false where it is not in time.</summary>
    public async Task<bool> WaitAsync(long position, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Cursor.Position >= position)
            return true;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(limit);
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_cursor.Position >= position)
                    return true;
                moved = _moved.Task;
            }

            try
            {
                await moved.WaitAsync(time.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }
}
