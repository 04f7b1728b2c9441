using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace SearchEngine.Cli.Tests.Browser;

/// <summary><c>searchengine serve</c> as a process of its own, with the shipped model, over an empty database.</summary>
internal sealed partial class ServedDatabase : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _errors;

    private ServedDatabase(TemporaryFolder folder, Process process, Uri address)
    {
        (_folder, _process, Address) = (folder, process, address);
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; }

    /// <summary>Starts it.</summary>
    /// <param name="environment">What it has in its environment besides: a cluster in place of the folder.</param>
    public static async Task<ServedDatabase> StartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        var folder = new TemporaryFolder();
        var process = CliProcess.Start(folder.Path, environment, "serve", "--data", folder.Combine("data"), "--url", "http://127.0.0.1:0");
        process.StandardInput.Close();
        string? address = null;
        while (address is null && await process.StandardOutput.ReadLineAsync() is { } line)
            address = Listening().Match(line) is { Success: true } match ? match.Groups[1].Value : null;
        if (address is null)
            throw new InvalidOperationException("The host did not start: " + await process.StandardError.ReadToEndAsync());
        var served = new ServedDatabase(folder, process, new Uri(address));
        using var client = new HttpClient { BaseAddress = served.Address };
        while (!(await client.GetAsync("/health/ready")).IsSuccessStatusCode)
            await Task.Delay(20);
        return served;
    }

    /// <summary>Fails where the process has ended, with what it wrote: whatever the page then shows is not the page's fault.</summary>
    public async Task RequireRunningAsync()
    {
        if (_process.HasExited)
            Assert.Fail($"The host ended with exit code {_process.ExitCode}. It wrote: {await _output} {await _errors}");
    }

    /// <summary>Asks it to stop, and says what it wrote to its error stream.</summary>
    public async Task<string> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        await _output;
        Assert.Equal(0, _process.ExitCode);
        return await _errors;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    [GeneratedRegex("Now listening on: (http://127.0.0.1:[0-9]+)")]
    private static partial Regex Listening();
}
