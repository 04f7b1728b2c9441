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
        if (OtherProgram.IsThere(program))
            return OtherProgram.Run(program, arguments);
        // A tool's package gives the right to run its files to who installed it, and to nobody else.
        if (File.Exists(whole + ".dll"))
            return OtherProgram.Run(Runtime(), [whole + ".dll", .. arguments]);
        console.WriteDiagnostic(
            $"error: this program has {string.Join(" and ", Syntax.Names)}; the other commands, and clusters, are those of {AssemblyName}, "
                + $"which is not in {AppContext.BaseDirectory}: 'packaging/command-line.sh folder DIRECTORY' in a clone of the repository puts both into a folder."
        );
        return ExitCode.Failure;
    }

    /// <summary>The runtime's own program: where it is said to be, else on the PATH.</summary>
    private static string Runtime()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        return folders
                .Prepend(Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? string.Empty)
                .Where(folder => folder.Length > 0)
                .Select(folder => Path.Combine(folder, name))
                .FirstOrDefault(OtherProgram.IsThere)
            ?? throw new HostException("This command needs .NET 10, and there is no dotnet in DOTNET_ROOT or on the PATH.");
    }

    private static bool UsesCluster()
    {
        try
        {
            return SettingsLoader.Load().Database.Cluster.IsUsed;
        }
        catch (Exception exception) when (exception is HostException or IOException or UnauthorizedAccessException)
        {
            // The command meets the same mistake and tells of it.
            return false;
        }
    }
}
