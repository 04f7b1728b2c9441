using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace SearchEngine.Hosting;

/// <summary>
/// Reads the settings: appsettings.json beside the program, then ./appsettings.json, then environment variables
/// (SEARCHENGINE_DATA, SEARCHENGINE_SEARCH__TOP, …); options on the command line win over all of them.
/// </summary>
internal static class SettingsLoader
{
    public const string FileName = "appsettings.json";
    public const string SectionName = "SearchEngine";
    public const string EnvironmentPrefix = "SEARCHENGINE_";

    private const DynamicallyAccessedMemberTypes Members =
        DynamicallyAccessedMemberTypes.PublicConstructors
        | DynamicallyAccessedMemberTypes.PublicProperties
        | DynamicallyAccessedMemberTypes.PublicMethods;

    public static Settings Load() => Load(AppContext.BaseDirectory, Directory.GetCurrentDirectory());

    /// <summary>The settings, with values of the command line over them, by their names in the file ("Api:Url").</summary>
    public static Settings Load(IReadOnlyDictionary<string, string?> overrides) =>
        Load(AppContext.BaseDirectory, Directory.GetCurrentDirectory(), overrides);

    public static Settings Load(string programDirectory, string workingDirectory, IReadOnlyDictionary<string, string?>? overrides = null)
    {
        var files = new[] { Path.Combine(programDirectory, FileName), Path.Combine(workingDirectory, FileName) };
        var builder = new ConfigurationBuilder();
        foreach (var file in files.Distinct(StringComparer.Ordinal))
        {
            if (File.Exists(file))
                builder.AddConfiguration(ReadFile(file));
        }

        return Bind(
            builder
                .AddEnvironmentVariables(EnvironmentPrefix)
                .AddInMemoryCollection(overrides ?? new Dictionary<string, string?>())
                .Build(),
            $"the environment variables {EnvironmentPrefix}*",
            strict: false
        );
    }

    private static IConfiguration ReadFile(string file)
    {
        try
        {
            var section = new ConfigurationBuilder().AddJsonFile(file, optional: false).Build().GetSection(SectionName);
            // Bound by itself, strictly, so that a misspelt name or a wrong value is reported with its file.
            Bind(section, file, strict: true);
            return section;
        }
        catch (InvalidDataException exception)
        {
            var reason = exception.InnerException?.InnerException ?? exception.InnerException ?? exception;
            throw new HostException($"{file} is not valid JSON: {reason.Message}", exception);
        }
    }

    // What the settings are made of, where a native program keeps only what it is told of: packaging/check-native.sh reads each kind by one.
    [DynamicDependency(Members, typeof(Settings))]
    [DynamicDependency(Members, typeof(EmbeddingSettings))]
    [DynamicDependency(Members, typeof(SearchSettings))]
    [DynamicDependency(Members, typeof(IngestionSettings))]
    [DynamicDependency(Members, typeof(DatabaseSettings))]
    [DynamicDependency(Members, typeof(ClusterSection))]
    [DynamicDependency(Members, typeof(ApiSettings))]
    [DynamicDependency(Members, typeof(ApiKeySettings))]
    [DynamicDependency(Members, typeof(List<string>))]
    [DynamicDependency(Members, typeof(List<ApiKeySettings>))]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Every type that is bound is named above.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Lists are of classes only, which share their code.")]
    private static Settings Bind(IConfiguration configuration, string origin, bool strict)
    {
        try
        {
            return configuration.Get<Settings>(options => options.ErrorOnUnknownConfiguration = strict) ?? new Settings();
        }
        catch (InvalidOperationException exception)
        {
            const string unknownMarker = "were not found on the instance of";
            // What is wrong inside a list is told by the exception inside.
            Exception reason = exception;
            while (reason.InnerException is InvalidOperationException inner)
                reason = inner;
            var message = reason.Message;
            var at = message.IndexOf(unknownMarker, StringComparison.Ordinal);
            if (at < 0)
                throw new HostException($"A setting in {origin} has a wrong value: {message}", exception);
            var names = message[(message.IndexOf(':', at) + 1)..].Trim();
            throw new HostException($"{origin} has unknown settings: {names}", exception);
        }
    }
}
