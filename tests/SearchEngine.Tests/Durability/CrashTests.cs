using SearchEngine.CrashHarness;
using Xunit;

namespace SearchEngine.Tests.Durability;

public class CrashTests
{
    /// <summary>Enough to meet kills in writes, checkpoints and compactions; the harness runs thousands by `--rounds`.</summary>
    private const int Rounds = 25;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed()
    {
        var seed = Environment.TickCount & 0xFFFF;
        var failures = await CrashRounds.RunAsync(Rounds, seed);
        Assert.True(failures.Count == 0, $"seed {seed}: {string.Join('\n', failures)}");
    }
}
