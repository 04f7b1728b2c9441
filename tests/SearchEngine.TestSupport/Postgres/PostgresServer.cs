using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SearchEngine.TestSupport.Postgres;

/// <summary>
/// A PostgreSQL server of a test, in a folder of its own on a free port of the loopback address, stopped and removed when disposed. It may be
/// given a standby, be killed, and be promoted.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The user of the servers; trusted, without a password.</summary>
    public const string User = "searchengine";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly HashSet<int> GivenPorts = [];

    private readonly string _folder;
    private readonly bool _fsync;
    private Process? _process;
    private Task _drain = Task.CompletedTask;

    private PostgresServer(string folder, bool fsync) => (_folder, _fsync) = (folder, fsync);

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Starts a new server.</summary>
    /// <param name="fsync">Whether it forces what it commits to the disk; a killed process loses nothing without.</param>
    public static async Task<PostgresServer> StartAsync(bool fsync = false)
    {
        var server = new PostgresServer(NewFolder(), fsync);
        try
        {
            await PostgresInstallation.RunAsync(
                "initdb",
                "-D",
                server.Data,
                "-U",
                User,
                "--auth=trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C"
            );
            await server.RunAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Makes a standby that streams from this server, and has commits wait for it from now on. A standby that is promoted waits for none.
    /// </summary>
    public async Task<PostgresServer> AddStandbyAsync()
    {
        var standby = new PostgresServer(NewFolder(), _fsync);
        try
        {
            await PostgresInstallation.RunAsync(
                "pg_basebackup",
                [.. Where, "-D", standby.Data, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]
            );
            await standby.RunAsync();
            await UntilAsync(async () => await QueryAsync("select count(*) from pg_stat_replication where state = 'streaming'") == "1");
            await QueryAsync("alter system set synchronous_standby_names = 'ANY 1 (*)'");
            await QueryAsync("select pg_reload_conf()");
            await UntilAsync(async () => await QueryAsync("show synchronous_standby_names") == "ANY 1 (*)");
            return standby;
        }
        catch
        {
            await standby.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where its programs find it.</summary>
    private string[] Where => ["-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-U", User];

    /// <summary>Makes an empty database.</summary>
    public Task CreateDatabaseAsync(string name) => QueryAsync($"create database \"{name}\"");

    /// <summary>Runs a statement.</summary>
    /// <returns>Its rows, without headings.</returns>
    public async Task<string> QueryAsync(string sql, string database = "postgres") =>
        (await PostgresInstallation.RunAsync("psql", [.. Where, "-d", database, "-v", "ON_ERROR_STOP=1", "-At", "-c", sql])).Trim();

    /// <summary>Kills it with all its processes, as a loss of the machine does.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        var pid = ServerId();
        foreach (var id in ChildrenOf(pid).Append(pid))
            await SignalAsync(id, "KILL");
        await process.WaitForExitAsync();
        await _drain;
        _process = null;
    }

    /// <summary>Starts it again where it was killed.</summary>
    public async Task RestartAsync()
    {
        File.Delete(Path.Combine(Data, "postmaster.pid"));
        await RunAsync();
    }

    /// <summary>Makes a standby the primary.</summary>
    public async Task PromoteAsync()
    {
        await QueryAsync("select pg_promote()");
        await UntilAsync(async () => await QueryAsync("select pg_is_in_recovery()") == "f");
    }

    /// <summary>How Npgsql connects to this server, and to others that may be the primary.</summary>
    public string ConnectionString(string database, params PostgresServer[] others) =>
        $"Host={string.Join(',', others.Prepend(this).Select(server => $"127.0.0.1:{server.Port}"))};Username={User};Database={database}";

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Sends a signal to a process.</summary>
    public static async Task SignalAsync(int process, string signal)
    {
        using var kill = Process.Start(
            new ProcessStartInfo("kill", ["-s", signal, process.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true }
        )!;
        await kill.WaitForExitAsync();
    }

    /// <summary>A port that is free now, and that this process has been given once: who got it may not listen there yet.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            lock (GivenPorts)
            {
                if (GivenPorts.Add(port))
                    return port;
            }
        }
    }

    private static string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("searchengine-postgres-").FullName;
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        return folder;
    }

    private async Task RunAsync()
    {
        // Another program may have taken the port since it was found free.
        for (var attempt = 0; ; attempt++)
        {
            Port = Port == 0 || attempt > 0 ? FreePort() : Port;
            var (process, output) = Begin();
            try
            {
                await UntilAsync(async () =>
                {
                    if (process.HasExited)
                        throw new InvalidOperationException($"PostgreSQL did not start: {await output}");
                    return await IsReadyAsync();
                });
                return;
            }
            catch (InvalidOperationException) when (attempt < 2)
            {
                _process = null;
            }
        }
    }

    private (Process Process, Task<string> Output) Begin()
    {
        var start = PostgresInstallation.Start(
            "postgres",
            "-D",
            Data,
            "-p",
            Port.ToString(CultureInfo.InvariantCulture),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "unix_socket_directories=",
            "-c",
            $"fsync={(_fsync ? "on" : "off")}",
            "-c",
            "shared_buffers=32MB",
            "-c",
            "max_connections=200",
            "-c",
            "log_min_messages=fatal"
        );
        var process = Process.Start(start)!;
        var output = process.StandardError.ReadToEndAsync();
        _drain = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), output);
        _process = process;
        return (process, output);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return await QueryAsync("select 1") == "1";
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private int ServerId() => int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    private static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id))
                continue;
            string stat;
            try
            {
                stat = File.ReadAllText(Path.Combine(folder, "stat"));
            }
            catch (IOException)
            {
                continue;
            }

            // pid (name) state parent
            if (stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture))
                yield return id;
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience)
                throw new TimeoutException($"PostgreSQL did not get ready within {Patience}.");
            await Task.Delay(50);
        }
    }
}
