using System.Diagnostics;
using System.Globalization;
using SearchEngine.TestSupport.Postgres;

namespace SearchEngine.Cli.Tests;

/// <summary>PostgreSQL and silos that the command line runs, each in a process of its own. Ended when disposed.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private const string Connection = "SEARCHENGINE_DATABASE__CLUSTER__CONNECTION";

    private readonly TemporaryFolder _folder;
    private readonly PostgresServer _postgres;
    private readonly Dictionary<string, Process> _silos = [];

    private RunningCluster(TemporaryFolder folder, PostgresServer postgres, int shards)
    {
        (_folder, _postgres) = (folder, postgres);
        Environment = new Dictionary<string, string>
        {
            [Connection] = postgres.ConnectionString("cluster"),
            ["SEARCHENGINE_DATABASE__CLUSTER__SHARDS"] = shards.ToString(CultureInfo.InvariantCulture),
        };
    }

    /// <summary>What a program has in its environment to use the cluster.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Starts PostgreSQL; skips the running test where there is none.</summary>
    /// <param name="folder">Where the silos run; stays the caller's.</param>
    /// <param name="shards">Shards of a collection.</param>
    public static async Task<RunningCluster> StartAsync(TemporaryFolder folder, int shards)
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        var postgres = await PostgresServer.StartAsync();
        await postgres.CreateDatabaseAsync("cluster");
        return new RunningCluster(folder, postgres, shards);
    }

    /// <summary>Runs a command over the cluster.</summary>
    public Task<CliResult> RunAsync(params string[] arguments) => CliProcess.RunWithAsync(_folder.Path, null, Environment, arguments);

    /// <summary>Starts a silo and waits until it says that it is up.</summary>
    public async Task StartSiloAsync(string name)
    {
        var silo = CliProcess.Start(
            _folder.Path,
            Environment,
            "cluster",
            "run",
            name,
            "--port",
            PostgresServer.FreePort().ToString(CultureInfo.InvariantCulture),
            "--gateway-port",
            PostgresServer.FreePort().ToString(CultureInfo.InvariantCulture)
        );
        _silos.Add(name, silo);
        silo.StandardInput.Close();
        var told = new List<string>();
        while (await silo.StandardError.ReadLineAsync() is { } line)
        {
            told.Add(line);
            if (!line.Contains(" is up at ", StringComparison.Ordinal))
                continue;
            _ = silo.StandardError.ReadToEndAsync();
            _ = silo.StandardOutput.ReadToEndAsync();
            return;
        }

        Assert.Fail($"The silo did not start: {string.Join('\n', told)}");
    }

    /// <summary>Tells a silo to end; returns its exit code.</summary>
    public async Task<int> StopSiloAsync(string name)
    {
        _silos.Remove(name, out var silo);
        await PostgresServer.SignalAsync(silo!.Id, "TERM");
        await silo.WaitForExitAsync();
        using (silo)
            return silo.ExitCode;
    }

    /// <summary>Ends a silo as <c>kill -9</c> does.</summary>
    public async Task KillSiloAsync(string name)
    {
        _silos.Remove(name, out var silo);
        using (silo)
        {
            silo!.Kill(entireProcessTree: true);
            await silo.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _silos.Keys.ToArray())
            await KillSiloAsync(name);
        await _postgres.DisposeAsync();
    }
}
