namespace SearchEngine.Hosting;

/// <summary>Where the shipped model is: beside the program (a build or an installed tool), else in the repository around it.</summary>
internal static class DefaultModel
{
    private const string ConfigurationFile = "config.json";

    public static string Find() =>
        TryFind() ?? throw new HostException("There is no models/default beside the program; name a model's folder with --model DIR.");

    public static string? TryFind()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "models", "default");
            if (File.Exists(Path.Combine(candidate, ConfigurationFile)))
                return candidate;
        }

        return null;
    }
}
