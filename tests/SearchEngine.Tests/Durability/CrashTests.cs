using SearchEngine.CrashHarness;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

public class CrashTests
{
    /// <summary>Enough to meet kills in writes, checkpoints and compactions; the harness runs thousands by `--rounds`.</summary>
    private const int Rounds = 25;

    /// <summary>A few bytes of each of the database's files; the harness flips every one by `--flip-bytes 0`.</summary>
    [Fact]
    public async Task A_flipped_byte_is_noticed_or_has_no_effect()
    {
        const int PerFile = 3;
        var seed = TestSeed.Fresh();
        var result = await ByteFlips.RunAsync(PerFile, seed);
        Assert.True(result.Failures.Count == 0, $"seed {seed}: {string.Join('\n', result.Failures)}");
        Assert.True(result.Detected > 0, "No flip was noticed: the flips do not reach the files.");
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_disk_fails()
    {
        var seed = TestSeed.Fresh();
        var result = await FaultRounds.RunAsync(Rounds, seed);
        Assert.True(result.Failures.Count == 0, $"seed {seed}: {string.Join('\n', result.Failures)}");
        Assert.True(result.Struck > Rounds / 8, $"seed {seed}: {result.Summary}: the faults do not reach the files.");
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_power_goes()
    {
        var seed = TestSeed.Fresh();
        var result = await PowerLossRounds.RunAsync(Rounds, seed);
        Assert.True(result.Failures.Count == 0, $"seed {seed}: {string.Join('\n', result.Failures)}");
        Assert.True(result.PowerLosses > Rounds / 5 && result.Operations > Rounds, $"seed {seed}: {result.Summary}");
    }

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed()
    {
        var seed = TestSeed.Fresh();
        var result = await CrashRounds.RunAsync(Rounds, seed);
        Assert.True(result.Failures.Count == 0, $"seed {seed}: {string.Join('\n', result.Failures)}");
        Assert.True(result.Operations > 0, $"seed {seed}: {result.Summary}");
    }
}
