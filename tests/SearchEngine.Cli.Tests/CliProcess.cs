using System.Diagnostics;
using System.Text;
using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests;

/// <summary>Runs the built command line as a child process, as a user would.</summary>
internal static class CliProcess
{
    /// <summary>Far above what any test needs: a hang fails instead of blocking the run.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public static string BinaryDirectory => AppContext.BaseDirectory;

    public static Task<CliResult> RunAsync(string workingDirectory, params string[] arguments) =>
        RunWithAsync(workingDirectory, null, null, arguments);

    public static Task<CliResult> RunWithAsync(
        string workingDirectory,
        string? input,
        IReadOnlyDictionary<string, string>? environment,
        params string[] arguments
    ) => RunProgramAsync(BinaryPath, workingDirectory, input, environment, arguments);

    public static async Task<CliResult> RunProgramAsync(
        string program,
        string workingDirectory,
        string? input,
        IReadOnlyDictionary<string, string>? environment,
        params string[] arguments
    )
    {
        using var process = StartProgram(program, workingDirectory, environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            if (input is not null)
                await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The process ended without reading its input; its exit code and message tell why.
        }

        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{Path.GetFileName(program)} {string.Join(' ', arguments)} did not end in {Limit}.");
        }

        return new CliResult(process.ExitCode, await output, await error);
    }

    /// <summary>Starts it with all three streams redirected; the caller ends it.</summary>
    public static Process Start(string workingDirectory, IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        StartProgram(BinaryPath, workingDirectory, environment, arguments);

    private static Process StartProgram(
        string program,
        string workingDirectory,
        IReadOnlyDictionary<string, string>? environment,
        string[] arguments
    )
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = utf8,
            StandardOutputEncoding = utf8,
            StandardErrorEncoding = utf8,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_ROOT"] = TestChild.RuntimeRoot;
        foreach (
            var name in start.Environment.Keys.Where(name => name.StartsWith("SEARCHENGINE_", StringComparison.OrdinalIgnoreCase)).ToArray()
        )
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static string BinaryPath
    {
        get
        {
            var name = OperatingSystem.IsWindows() ? "SearchEngine.Cli.exe" : "SearchEngine.Cli";
            var path = Path.Combine(BinaryDirectory, name);
            return File.Exists(path) ? path : throw new FileNotFoundException($"The command line was not built beside the tests: {path}");
        }
    }
}
