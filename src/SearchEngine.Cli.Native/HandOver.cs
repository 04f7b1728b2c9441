using SearchEngine.Cli.AddOn;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli;

/// <summary>Calls that another program answers: the whole command line beside this one has what does not search, and clusters.</summary>
internal static class HandOver
{
    private const string AssemblyName = "SearchEngine.Cli";

    /// <summary>Runs the whole command line where the call is not for this program.</summary>
    /// <returns>Its exit code; null where the call is for this program.</returns>
    public static int? TryRun(IReadOnlyList<string> arguments, CliConsole console)
    {
        if (arguments.Count > 0 && Syntax.Names.Contains(arguments[0], StringComparer.Ordinal) && !UsesCluster())
            return null;
        var program = Path.Combine(AppContext.BaseDirectory, AssemblyName + (OperatingSystem.IsWindows() ? ".exe" : ""));
        if (File.Exists(program))
            return OtherProgram.Run(program, arguments);
        console.WriteDiagnostic(
            $"error: this program has {string.Join(" and ", Syntax.Names)}; the other commands, and clusters, are those of {AssemblyName}, "
                + $"which is not in {AppContext.BaseDirectory}: 'packaging/command-line.sh DIRECTORY' in a clone of the repository puts both into a folder."
        );
        return ExitCode.Failure;
    }

    private static bool UsesCluster()
    {
        try
        {
            return SettingsLoader.Load().Database.Cluster.IsUsed;
        }
        catch (HostException)
        {
            // The command meets the same mistake and tells of it.
            return false;
        }
    }
}
