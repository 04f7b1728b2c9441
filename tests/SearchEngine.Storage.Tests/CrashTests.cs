using System.Globalization;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Rounds = 25;
    private static readonly int Seed = TestSeed.Get(20261);

    [Fact]
    public void A_killed_process_loses_no_acknowledged_write()
    {
        using var directory = new TemporaryDirectory();
        var harness = new CrashHarness(directory.FullPath, Seed);
        for (var round = 0; round < Rounds; round++)
            harness.RunRound(round);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Rounds} rounds, seed {Seed}: {harness.Acknowledged} acknowledged operations, {harness.KilledWhileOpening} rounds without any."
            )
        );
        Assert.True(harness.Acknowledged > 10 * Rounds, $"only {harness.Acknowledged} operations");
    }
}
