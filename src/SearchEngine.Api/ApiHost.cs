using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Scalar.AspNetCore;
using SearchEngine.Api.Endpoints;
using SearchEngine.Api.Ingest;
using SearchEngine.Api.Mapping;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;
using SearchEngine.Hosting;
using SearchEngine.Mcp;

namespace SearchEngine.Api;

/// <summary>
/// One database over HTTP. It listens on the loopback address unless the settings say otherwise, and on a public one only with API keys
/// (or where the settings say that something else keeps callers out).
/// </summary>
internal static class ApiHost
{
    /// <summary>
    /// Starts listening, opens the database and returns the running application; disposing it closes both. While the database is being
    /// opened requests are told to come back.
    /// </summary>
    /// <param name="settings">The settings.</param>
    /// <param name="arguments">Arguments of ASP.NET's own configuration (Logging, Kestrel).</param>
    /// <param name="embedder">A model in place of the settings'; null loads theirs.</param>
    /// <exception cref="HostException">The settings are unsafe or wrong; the message says how.</exception>
    public static async Task<WebApplication> StartAsync(Settings settings, string[] arguments, EmbedderOptions? embedder = null)
    {
        var keys = ApiKeyRing.Load(settings.Api);
        ListeningAddress.RequireSafe(settings.Api.Url, keys, settings.Api);
        var application = Build(settings, arguments, keys, embedder);
        try
        {
            await application.StartAsync();
            // ASP.NET's own settings (Kestrel:Endpoints) may have added addresses.
            var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
            ListeningAddress.RequireSafe(string.Join(';', addresses?.Addresses ?? []), keys, settings.Api);
            await application.Services.GetRequiredService<OpenedDatabase>().OpenAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return application;
    }

    private static WebApplication Build(Settings settings, string[] arguments, ApiKeyRing keys, EmbedderOptions? embedder)
    {
        // The settings are read already (one order for both hosts); ASP.NET's own configuration keeps Logging and Kestrel.
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("ModelContextProtocol", LogLevel.Warning);
        builder.WebHost.UseUrls(settings.Api.Url);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = settings.Api.MaxConnections;
            kestrel.Limits.MaxRequestBodySize = settings.Api.MaxRequestBytes;
        });
        builder.Services.Configure<HostOptions>(options =>
            // The drain has its own end; what is left then is cut off.
            options.ShutdownTimeout = TimeSpan.FromSeconds(settings.Api.DrainSeconds + 5)
        );
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(settings.Api);
        builder.Services.AddSingleton(keys);
        builder.Services.AddSingleton<PublicText>();
        builder.Services.AddSingleton<RequestReader>();
        builder.Services.AddSingleton<ReadSessions>();
        builder.Services.AddSingleton<SnapshotStore>();
        builder.Services.AddSingleton<DrainState>();
        builder.Services.AddHostedService<DrainService>();
        builder.Services.AddSingleton(services => new OpenedDatabase(settings, embedder, services.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddExceptionHandler<ProblemHandler>();
        builder.Services.AddProblemDetails(options =>
            options.CustomizeProblemDetails = context =>
                context.ProblemDetails.Detail ??= ProblemHandler.SentenceOf(context.ProblemDetails.Status)
        );
        builder.Services.AddSingleton<IProblemDetailsWriter, ProblemsForAll>();
        builder.Services.AddOpenApi(options => options.AddSchemaTransformer(VectorSchema.DescribeAsync));
        builder.Services.AddRequestTimeouts(options =>
            options.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = TimeSpan.FromSeconds(settings.Api.RequestSeconds),
                TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
            }
        );
        Telemetry.Add(builder.Services);
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<IToolDatabase, CallerToolDatabase>();
        builder
            .Services.AddMcpServer()
            .WithHttpTransport(transport => transport.Stateless = true)
            .WithTools<SearchTools>()
            .WithPlainErrors();
        builder.Services.AddSingleton<IngestJobs>();
        builder.Services.AddSingleton<CollectionMaps>();
        if (settings.Api.Origins.Count > 0)
        {
            builder.Services.AddCors(cors =>
                cors.AddDefaultPolicy(policy =>
                    policy
                        .WithOrigins([.. settings.Api.Origins])
                        .AllowAnyHeader()
                        .AllowAnyMethod()
                        .WithExposedHeaders("ETag", "Retry-After")
                )
            );
        }

        builder.Services.ConfigureHttpJsonOptions(options => Configure(options.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        var application = builder.Build();
        Use(application, settings);
        Map(application);
        return application;
    }

    private static void Configure(JsonSerializerOptions json)
    {
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        json.Converters.Add(new VectorConverter());
        // A field may hold NaN or an infinity, which JSON's numbers cannot say: "NaN", "Infinity", "-Infinity".
        json.NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.AllowDuplicateProperties = false;
        json.TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NoNulls.Require } };
    }

    private static void Use(WebApplication application, Settings settings)
    {
        application.UseExceptionHandler();
        application.UseStatusCodePages();
        application.Use(application.Services.GetRequiredService<DrainState>().CountAsync);
        application.UseMiddleware<HostGuard>();
        application.UseRouting();
        if (settings.Api.Origins.Count > 0)
            application.UseCors();
        application.Use(RouteText.UnescapeAsync);
        application.UseMiddleware<OriginGuard>();
        application.UseMiddleware<AccessGuard>();
        application.UseMiddleware<BodyReader>();
        application.UseMiddleware<WorkGate>();
        application.UseRequestTimeouts();
    }

    private static void Map(WebApplication application)
    {
        application.MapOpenApi().IsOpen();
        application.MapScalarApiReference("/docs", options => options.WithTitle("SearchEngine").DisableDefaultFonts()).IsOpen();
        application.MapPrometheusScrapingEndpoint("/metrics").NeedsInAll(Access.Read);
        application.MapMcp("/mcp").Needs(Access.Read);
        HealthEndpoints.Map(application);
        ClusterEndpoints.Map(application);
        CollectionEndpoints.Map(application);
        MaintenanceEndpoints.Map(application);
        SnapshotEndpoints.Map(application);
        DocumentEndpoints.Map(application);
        DocumentEndpoint.Map(application);
        ReadEndpoints.Map(application);
        SearchEndpoints.Map(application);
        EmbeddingEndpoints.Map(application);
        RerankEndpoints.Map(application);
        IngestEndpoints.Map(application);
        MapEndpoints.Map(application);
        PageEndpoints.Map(application);
    }
}
