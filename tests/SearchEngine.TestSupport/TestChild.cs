using System.Diagnostics;
using System.Runtime.InteropServices;

namespace SearchEngine.TestSupport;

/// <summary>Runs classes of the running test program once more, in a process of its own under other settings.</summary>
public static class TestChild
{
    /// <summary>The .NET that the tests run on, for programs that would look for one of their own.</summary>
    public static string RuntimeRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>Runs the tests of classes.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="settings">Environment variables, NAME=VALUE, separated by semicolons.</param>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <returns>Its exit code, and what it wrote.</returns>
    public static Task<(int ExitCode, string Output)> RunAsync(
        IEnumerable<Type> classes,
        string settings,
        CancellationToken cancellationToken
    ) => RunAsync(classes, settings.Split(';').ToDictionary(s => s.Split('=')[0], s => s.Split('=')[1]), cancellationToken);

    /// <summary>As the other, with the environment variables by name: their values may hold anything.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        IEnumerable<Type> classes,
        IReadOnlyDictionary<string, string> settings,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var type in classes)
        {
            start.ArgumentList.Add("-class");
            start.ArgumentList.Add(type.FullName!);
        }

        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync(cancellationToken);
        var output = await child.StandardOutput.ReadToEndAsync(cancellationToken) + await errors;
        await child.WaitForExitAsync(cancellationToken);
        return (child.ExitCode, output);
    }
}
