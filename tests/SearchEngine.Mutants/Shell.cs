using System.Diagnostics;
using System.Text;

namespace SearchEngine.Mutants;

/// <summary>Runs other programs, at a lower priority than what else the machine does.</summary>
internal static class Shell
{
    /// <summary>The exit status and what was written, or null where the time was up: the program and those that it started are ended.</summary>
    public static (int Status, string Output)? Run(
        string folder,
        TimeSpan limit,
        IReadOnlyDictionary<string, string> environment,
        string program,
        params IEnumerable<string> arguments
    )
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? program : "nice")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in OperatingSystem.IsWindows() ? arguments : ["-n", "10", program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var output = new StringBuilder();
        using var process = new Process { StartInfo = start };
        var ends = new CountdownEvent(2);
        void Take(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null)
            {
                ends.Signal();
                return;
            }
            lock (output)
                output.AppendLine(line.Data);
        }
        process.OutputDataReceived += Take;
        process.ErrorDataReceived += Take;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(TimeSpan.FromSeconds(10));
            return null;
        }
        // Processes that outlive their parent may hold the pipes: what they write does not count.
        ends.Wait(TimeSpan.FromSeconds(5));
        lock (output)
            return (process.ExitCode, output.ToString());
    }

    public static string Require(string folder, string program, params IEnumerable<string> arguments)
    {
        var (status, output) = Run(folder, TimeSpan.FromMinutes(10), new Dictionary<string, string>(), program, arguments)!.Value;
        return status == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {status}:\n{output}");
    }
}
