using System.Diagnostics;

namespace SearchEngine.TestSupport;

/// <summary>Runs classes of the running test program once more, in a process of its own under other settings.</summary>
public static class TestChild
{
    /// <summary>Runs the tests of classes.</summary>
    /// <param name="classes">The classes.</param>
    /// <param name="settings">Environment variables, NAME=VALUE, separated by semicolons.</param>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <returns>Its exit code, and what it wrote.</returns>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        IEnumerable<Type> classes,
        string settings,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var type in classes)
        {
            start.ArgumentList.Add("-class");
            start.ArgumentList.Add(type.FullName!);
        }

        foreach (var setting in settings.Split(';'))
            start.Environment[setting.Split('=')[0]] = setting.Split('=')[1];
        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync(cancellationToken);
        var output = await child.StandardOutput.ReadToEndAsync(cancellationToken) + await errors;
        await child.WaitForExitAsync(cancellationToken);
        return (child.ExitCode, output);
    }
}
