using System.Diagnostics;

namespace SearchEngine.CrashHarness;

/// <summary>
/// Tells a task that hangs from one that is slow because the machine is busy: only time counts in which this process got its turn, by a
/// clock that it must keep itself.
/// </summary>
internal static class Watchdog
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for a task; false where it did not end within so much time in which this process was not held up.</summary>
    public static async Task<bool> EndsAsync(Task task, TimeSpan patience)
    {
        for (var waited = TimeSpan.Zero; waited < patience; )
        {
            var started = Stopwatch.GetTimestamp();
            if (await Task.WhenAny(task, Task.Delay(Tick)) == task)
                return true;
            var took = Stopwatch.GetElapsedTime(started);
            if (took < 2 * Tick)
                waited += took;
        }

        return false;
    }
}
