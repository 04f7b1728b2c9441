using SearchEngine.Cli.Output;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Cli.Commands.Cluster;

/// <summary>Changes who belongs to a cluster, and waits until replicas have moved.</summary>
internal sealed class ClusterChangeCommand(CliConsole console)
{
    public async Task<int> RunAsync(
        ClusterSettings settings,
        Func<ClusterAdministration, CancellationToken, Task> change,
        bool waits,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await ClusterConnection.OpenAsync(settings, cancellationToken);
        await change(connection.Administration, cancellationToken);
        if (!waits)
        {
            console.Out.WriteLine($"epoch {(await connection.Placement.GetMapAsync(cancellationToken)).Epoch}");
            return ExitCode.Success;
        }

        var last = -1;
        var progress = new DirectProgress(left =>
        {
            if (left == last)
                return;
            last = left;
            console.WriteDiagnostic($"{Format.Count(left, "shard")} to move");
        });
        var status = await connection.Administration.WaitUntilSettledAsync(progress, cancellationToken);
        console.Out.WriteLine($"epoch {status.Epoch}, every shard where it belongs");
        return ExitCode.Success;
    }

    /// <summary>Tells on the teller's thread: lines keep their order.</summary>
    private sealed class DirectProgress(Action<int> tell) : IProgress<int>
    {
        public void Report(int value) => tell(value);
    }
}
