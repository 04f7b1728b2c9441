using SearchEngine.TestSupport;
using SearchEngine.TestSupport.Postgres;
using Xunit;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>The short form of what <see cref="SoakProgram"/> does at length.</summary>
public sealed class ClusterFailureTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_stale_whatever_is_killed_stopped_added_or_drained()
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        await using var cluster = await TestCluster.StartAsync(silos: 3, standby: true);
        var scenarios = new ClusterScenarios(cluster, TestSeed.Get(11), output.WriteLine);
        await scenarios.BeginAsync(Token);
        await scenarios.KillRoutersAsync(2, Token);
        await scenarios.KillSilosAsync(2, Token);
        await scenarios.StopSiloAsync(Token);
        await scenarios.KillPrimaryAsync(Token);
        await scenarios.AddAndDrainAsync(Token);
    }
}
