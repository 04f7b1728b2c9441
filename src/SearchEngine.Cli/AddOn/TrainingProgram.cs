namespace SearchEngine.Cli.AddOn;

/// <summary>The program that trains and evaluates: where it is.</summary>
internal static class TrainingProgram
{
    private const string AssemblyName = "SearchEngine.Cli.Training";
    private const string ToolName = "searchengine-training";

    /// <summary>Beside this program, among the user's .NET tools, or on the PATH; null where it is nowhere.</summary>
    public static string? Find()
    {
        var suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var home = Environment.GetEnvironmentVariable("DOTNET_CLI_HOME") is { Length: > 0 } own
            ? own
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return path.Prepend(Path.Combine(home, ".dotnet", "tools"))
            .Select(folder => Path.Combine(folder, ToolName + suffix))
            .Prepend(Path.Combine(AppContext.BaseDirectory, AssemblyName + suffix))
            .FirstOrDefault(File.Exists);
    }
}
