using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;
using SearchEngine.Hosting;
using SearchEngine.Mcp;

namespace SearchEngine.Api;

/// <summary>The host for programs that start it: settings are read as the host's own program reads them.</summary>
public static class SearchService
{
    /// <summary>Serves a database over HTTP until the token is cancelled or the process is told to stop.</summary>
    /// <param name="overrides">Settings over those of files and environment, by name ("Data", "Api:Url").</param>
    /// <param name="cancellationToken">Ends it: accepted requests are answered first.</param>
    /// <exception cref="SearchDatabaseException">The database cannot be opened.</exception>
    /// <exception cref="ArgumentException">A setting is wrong or unsafe; the message says which.</exception>
    public static async Task ServeAsync(IReadOnlyDictionary<string, string?> overrides, CancellationToken cancellationToken)
    {
        try
        {
            await using var application = await ApiHost.StartAsync(SettingsLoader.Load(overrides), []);
            await application.WaitForShutdownAsync(cancellationToken);
        }
        catch (HostException e)
        {
            throw new ArgumentException(e.Message, e);
        }
    }

    /// <summary>Serves a database as tools of the Model Context Protocol over standard input and output, until the input ends.</summary>
    /// <param name="overrides">Settings over those of files and environment, by name.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SearchDatabaseException">The database cannot be opened.</exception>
    /// <exception cref="ArgumentException">A setting is wrong or unsafe; the message says which.</exception>
    public static async Task ServeMcpAsync(IReadOnlyDictionary<string, string?> overrides, CancellationToken cancellationToken)
    {
        var settings = SettingsLoader.Load(overrides);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        // Standard output is the protocol's.
        builder.Logging.ClearProviders().AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton<PublicText>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton(services => new OpenedDatabase(settings, null, services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton<IToolDatabase, CallerToolDatabase>();
        builder.Services.AddMcpServer().WithStdioServerTransport().WithTools<SearchTools>().WithPlainErrors();
        using var host = builder.Build();
        var database = host.Services.GetRequiredService<OpenedDatabase>();
        try
        {
            await database.OpenAsync();
            await host.RunAsync(cancellationToken);
        }
        catch (HostException e)
        {
            throw new ArgumentException(e.Message, e);
        }
        finally
        {
            await database.DisposeAsync();
        }
    }

    /// <summary>A new API key, and the hash to put into the settings.</summary>
    public static (string Key, string Hash) MakeKey() => ApiKeyRing.Make();
}
