using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

[assembly: SearchEngine.TestSupport.MemoryGuard]

namespace SearchEngine.TestSupport;

/// <summary>
/// Ends a test run whose memory grows without bound, and names the tests that ran at that moment: the operating system would end it without a
/// word, and others with it. Compiled into every test project.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class MemoryGuardAttribute : BeforeAfterTestAttribute
{
    /// <summary>Several times what any suite needs (1 GB; with libtorch 3 GB).</summary>
    private const long LimitBytes = 10L << 30;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);
    private static readonly ConcurrentDictionary<string, DateTime> Running = new();

    static MemoryGuardAttribute()
    {
        new Thread(Watch) { IsBackground = true, Name = "memory guard" }.Start();
    }

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Running[test.TestDisplayName] = DateTime.UtcNow;

    public override void After(MethodInfo methodUnderTest, IXunitTest test) => Running.TryRemove(test.TestDisplayName, out _);

    private static void Watch()
    {
        while (Environment.WorkingSet < LimitBytes)
            Thread.Sleep(Period);
        var tests = Running
            .OrderBy(test => test.Value)
            .Select(test => $"{test.Key}, for {(DateTime.UtcNow - test.Value).TotalSeconds:F0} s");
        Environment.FailFast(
            $"The tests use {Environment.WorkingSet >> 20} MB, {GC.GetTotalMemory(false) >> 20} MB of them managed. Running: {string.Join("; ", tests)}."
        );
    }
}
