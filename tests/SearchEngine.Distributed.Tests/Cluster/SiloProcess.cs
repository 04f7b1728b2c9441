using System.Diagnostics;
using SearchEngine.TestSupport.Postgres;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>A silo of a test's cluster, in a process of its own, that is killed, stopped and started again under its name.</summary>
public sealed class SiloProcess(string name, string directory, string postgres, TimeSpan? drainDeadAfter = null) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];
    private Process? _process;

    public string Name => name;

    public string Directory => directory;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What it has written.</summary>
    public string Output
    {
        get
        {
            lock (_lock)
                return string.Join('\n', _output);
        }
    }

    /// <summary>Starts it and waits until it says that it is up.</summary>
    public async Task StartAsync()
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            SiloProgram.Arguments(name, directory, postgres, PostgresServer.FreePort(), PostgresServer.FreePort(), drainDeadAfter)
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_gcServer"] = "0";
        var process = Process.Start(start)!;
        void Took(string? line)
        {
            if (line is null)
                return;
            lock (_lock)
                _output.Add(line);
            if (line == "up")
                up.TrySetResult();
        }

        process.OutputDataReceived += (_, line) => Took(line.Data);
        process.ErrorDataReceived += (_, line) => Took(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        var ended = process.WaitForExitAsync();
        if (await Task.WhenAny(up.Task, ended) == ended)
            throw new InvalidOperationException($"Silo {name} did not start: {Output}");
    }

    /// <summary>Kills it as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;
    }

    /// <summary>Stops its threads where they are.</summary>
    public Task StopAsync() => PostgresServer.SignalAsync(_process!.Id, "STOP");

    /// <summary>Has them go on.</summary>
    public Task ContinueAsync() => PostgresServer.SignalAsync(_process!.Id, "CONT");

    /// <summary>Waits until it ends by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process!.WaitForExitAsync(cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await KillAsync();
}
