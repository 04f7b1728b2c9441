using System.Globalization;
using SearchEngine.TestSupport.Postgres;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>
/// The long form of the tests of failing clusters, as a program: <c>soak [--kills N] [--rounds N] [--seed N]</c>. Starts three silos and two
/// PostgreSQL servers on the loopback address, and ends by itself; exit code 0 where nothing was wrong.
/// </summary>
public static class SoakProgram
{
    public const string Command = "soak";

    public static async Task<int> RunAsync(string[] args)
    {
        if (PostgresInstallation.Programs is null)
        {
            await Console.Error.WriteLineAsync(PostgresInstallation.Missing);
            return 2;
        }

        var kills = Number(args, "--kills", 20);
        var rounds = Number(args, "--rounds", 1);
        var seed = Number(args, "--seed", Random.Shared.Next(1 << 16));
        for (var round = 0; round < rounds; round++)
        {
            Console.WriteLine($"round {round}, seed {seed + round}");
            try
            {
                await RunAsync(kills, seed + round);
            }
            catch (Exception e)
            {
                await Console.Error.WriteLineAsync(e.ToString());
                return 1;
            }
        }

        return 0;
    }

    private static async Task RunAsync(int kills, int seed)
    {
        await using var cluster = await TestCluster.StartAsync(silos: 3, standby: true);
        var scenarios = new ClusterScenarios(cluster, seed, Console.WriteLine);
        await scenarios.BeginAsync(CancellationToken.None);
        await scenarios.KillRoutersAsync(Math.Max(2, kills / 2), CancellationToken.None);
        await scenarios.KillSilosAsync(kills, CancellationToken.None);
        await scenarios.StopSiloAsync(CancellationToken.None);
        await scenarios.KillPrimaryAsync(CancellationToken.None);
        await scenarios.AddAndDrainAsync(CancellationToken.None);
    }

    private static int Number(string[] args, string name, int otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
    }
}
