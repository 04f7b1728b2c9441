using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SearchEngine.DatabaseComparison;

/// <summary>A database's process, asked in turns with the others.</summary>
internal sealed class ContenderProcess : IDisposable
{
    private readonly Process _process;

    private ContenderProcess(Process process)
    {
        _process = process;
    }

    /// <summary>Starts one, on one processor where the system has taskset and it is wanted.</summary>
    public static ContenderProcess Start(Peer peer, bool onOneProcessor) => new(StartProcess(peer, "serve", onOneProcessor));

    /// <summary>Milliseconds from starting a process until it has answered its first query.</summary>
    public static double FirstAnswer(Peer peer)
    {
        var clock = Stopwatch.StartNew();
        using var process = StartProcess(peer, "first", onOneProcessor: true);
        var line = process.StandardOutput.ReadLine();
        var elapsed = clock.Elapsed.TotalMilliseconds;
        process.WaitForExit();
        return line is not null && process.ExitCode == 0
            ? elapsed
            : throw new InvalidOperationException($"{peer.Name} gave no first answer.");
    }

    /// <summary>Seconds of processors that it has used.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    public JsonNode Ask(JsonObject request)
    {
        _process.StandardInput.WriteLine(request.ToJsonString());
        _process.StandardInput.Flush();
        return JsonNode.Parse(
            _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The process ended at {request.ToJsonString()}.")
        )!;
    }

    /// <summary>Ends the input and waits for the process to end.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static Process StartProcess(Peer peer, string mode, bool onOneProcessor)
    {
        string[] command = [.. peer.Program, mode, .. peer.Arguments];
        if (onOneProcessor && File.Exists("/usr/bin/taskset"))
            command = ["/usr/bin/taskset", "-c", "0", .. command];
        return Process.Start(
            new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
    }
}
