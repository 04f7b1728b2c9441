namespace SearchEngine.TestSupport;

/// <summary>
/// Workers beside each other, each on a thread of its own, that keep step: one that is ahead waits for the others. However long a machine
/// lets any of them wait, all have met, and how much is done is the same everywhere. One that fails ends the others.
/// </summary>
public sealed class SideBySide
{
    /// <summary>How far ahead of the last one a worker gets, as a part of its turns.</summary>
    private const double Lead = 0.1;

    private readonly List<(int Turns, Func<int, Task> Turn)> _workers = [];
    private readonly Lock _lock = new();
    private readonly List<double> _done = [];
    private TaskCompletionSource _moved = new();
    private bool _failed;

    /// <summary>Adds a worker, which begins with all others in <see cref="RunAsync"/>.</summary>
    /// <param name="turns">How many turns it takes.</param>
    /// <param name="turn">One turn; it is given how many were before.</param>
    public void Add(int turns, Action<int> turn) =>
        Add(
            turns,
            number =>
            {
                turn(number);
                return Task.CompletedTask;
            }
        );

    /// <inheritdoc cref="Add(int, Action{int})"/>
    public void Add(int turns, Func<int, Task> turn)
    {
        _workers.Add((turns, turn));
        _done.Add(0);
    }

    /// <summary>Runs them; not on threads of the pool, which may be busy with other tests.</summary>
    public Task RunAsync() =>
        Task.WhenAll(
            Enumerable
                .Range(0, _workers.Count)
                .Select(worker =>
                    Task.Factory.StartNew(() => Run(worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                )
        );

    private void Run(int worker)
    {
        var (turns, turn) = _workers[worker];
        try
        {
            for (var number = 0; number < turns && MayGoOn((double)number / turns); number++)
            {
                turn(number).GetAwaiter().GetResult();
                Did(worker, (number + 1.0) / turns);
            }
        }
        catch
        {
            lock (_lock)
                _failed = true;
            Did(worker, 1);
            throw;
        }
    }

    /// <summary>Waits for those that are behind; false where one failed.</summary>
    private bool MayGoOn(double done)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_failed)
                    return false;
                if (done <= _done.Min() + Lead)
                    return true;
                moved = _moved.Task;
            }

            moved.Wait();
        }
    }

    private void Did(int worker, double done)
    {
        TaskCompletionSource? moved = null;
        lock (_lock)
        {
            var last = _done.Min();
            _done[worker] = done;
            if (_done.Min() > last || _failed)
                (moved, _moved) = (_moved, new TaskCompletionSource());
        }

        moved?.TrySetResult();
    }
}
