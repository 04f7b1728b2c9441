using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SearchEngine.Workloads.Host;

/// <summary>The search service as a process of its own.</summary>
internal sealed partial class HostProcess : IDisposable
{
    private readonly Process _process;

    private HostProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Processor time of all its threads so far.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Bytes of physical memory.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<HostProcess> StartAsync(string program, string data, string model, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.GetFullPath(program)) { RedirectStandardOutput = true, WorkingDirectory = data };
        start.Environment["SEARCHENGINE_DATA"] = Path.Combine(data, "database");
        start.Environment["SEARCHENGINE_MODEL"] = model;
        start.Environment["SEARCHENGINE_API__URL"] = "http://127.0.0.1:0";
        start.Environment["SEARCHENGINE_API__SNAPSHOTS"] = Path.Combine(data, "snapshots");
        var process = Process.Start(start)!;
        string? address = null;
        while (address is null && await process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            address = Listening().Match(line) is { Success: true } match ? match.Groups[1].Value : null;
        if (address is null)
            throw new InvalidOperationException("The host did not start; its error is above.");
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var host = new HostProcess(process, new Uri(address));
        using var client = new HttpClient { BaseAddress = host.Address };
        while (!(await client.GetAsync("/health/ready", cancellationToken).ConfigureAwait(false)).IsSuccessStatusCode)
            await Task.Delay(20, cancellationToken).ConfigureAwait(false);
        return host;
    }

    /// <summary>Sends SIGTERM and waits for the end; the exit code.</summary>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    [GeneratedRegex("Now listening on: (http://127.0.0.1:[0-9]+)")]
    private static partial Regex Listening();
}
