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
        var whole = Path.Combine(AppContext.BaseDirectory, AssemblyName);
        var program = OperatingSystem.IsWindows() ? whole + ".exe" : whole;
        if (CanRun(program))
            return OtherProgram.Run(program, arguments);
        // In a tool's package: files come out of one without the right to be run.
        if (File.Exists(whole + ".dll"))
            return OtherProgram.Run(Runtime(), [whole + ".dll", .. arguments]);
        console.WriteDiagnostic(
            $"error: this program has {string.Join(" and ", Syntax.Names)}; the other commands, and clusters, are those of {AssemblyName}, "
                + $"which is not in {AppContext.BaseDirectory}: 'packaging/command-line.sh DIRECTORY' in a clone of the repository puts both into a folder."
        );
        return ExitCode.Failure;
    }

    private static bool CanRun(string program) =>
        File.Exists(program)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(program) & (UnixFileMode.UserExecute | UnixFileMode.OtherExecute)) != 0);

    /// <summary>The runtime's own program: where it is said to be, else on the PATH.</summary>
    private static string Runtime()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        return folders
                .Prepend(Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? string.Empty)
                .Where(folder => folder.Length > 0)
                .Select(folder => Path.Combine(folder, name))
                .FirstOrDefault(File.Exists)
            ?? throw new HostException("This command needs .NET 10, and there is no dotnet in DOTNET_ROOT or on the PATH.");
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
