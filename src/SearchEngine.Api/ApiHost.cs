using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.RateLimiting;
using SearchEngine.Hosting;

namespace SearchEngine.Api;

/// <summary>
/// One database over HTTP. It listens on the loopback address unless the settings say otherwise: there is no
/// authentication here, so put a proxy with one in front before opening it to a network.
/// </summary>
internal static class ApiHost
{
    /// <summary>Opens the database, starts listening and returns the running application; disposing it closes both.</summary>
    public static async Task<WebApplication> StartAsync(Settings settings, string[] arguments)
    {
        // The settings are read already (one order for both hosts); ASP.NET's own configuration keeps Logging and Kestrel.
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = arguments, ContentRootPath = AppContext.BaseDirectory }
        );
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.WebHost.UseUrls(settings.Api.Url);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(await OpenedDatabase.OpenAsync(settings));
        builder.Services.AddExceptionHandler<ProblemHandler>();
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
            // A field may hold NaN or an infinity, which JSON's numbers cannot say: "NaN", "Infinity", "-Infinity".
            options.SerializerOptions.NumberHandling |= JsonNumberHandling.AllowNamedFloatingPointLiterals;
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = RejectAsync;
            options.AddPolicy(
                WorkPolicy,
                _ =>
                    RateLimitPartition.GetConcurrencyLimiter(
                        string.Empty,
                        _ => new ConcurrencyLimiterOptions
                        {
                            PermitLimit = settings.Api.MaxConcurrentRequests,
                            QueueLimit = settings.Api.QueueLimit,
                            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
                        }
                    )
            );
        });

        var application = builder.Build();
        application.UseExceptionHandler();
        application.UseStatusCodePages();
        application.Use(UnescapeSlashesAsync);
        application.UseRateLimiter();
        application.MapOpenApi();
        application
            .MapGet(
                "/health",
                (OpenedDatabase database) => new HealthReply("ok", database.ModelName, database.Database.ListCollections().Count)
            )
            .WithSummary("Whether the host serves, and with which model");
        CollectionEndpoints.Map(application);
        MaintenanceEndpoints.Map(application);
        DocumentEndpoints.Map(application);
        SearchEndpoint.Map(application);
        try
        {
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return application;
    }

    /// <summary>Requests that do work: so many at a time, so many more waiting, the rest are told to come back.</summary>
    public const string WorkPolicy = "work";

    /// <summary>Routing leaves an escaped slash in a name or key as it is; keys of ingested files are full of slashes.</summary>
    private static Task UnescapeSlashesAsync(HttpContext context, RequestDelegate next)
    {
        foreach (var (name, value) in context.Request.RouteValues.ToArray())
        {
            if (value is string text)
                context.Request.RouteValues[name] = text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        }

        return next(context);
    }

    private static async ValueTask RejectAsync(
        Microsoft.AspNetCore.RateLimiting.OnRejectedContext context,
        CancellationToken cancellationToken
    )
    {
        context.HttpContext.Response.Headers.RetryAfter = "1";
        await Results
            .Problem(
                "Every worker is busy and the queue is full; try again in a second.",
                statusCode: StatusCodes.Status429TooManyRequests,
                title: "Too many requests"
            )
            .ExecuteAsync(context.HttpContext);
    }
}
