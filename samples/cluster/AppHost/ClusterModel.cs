using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SearchEngine.Samples.Cluster;

/// <summary>A cluster to try, as Aspire's application model: PostgreSQL, three silos, and the web host over them.</summary>
public static class ClusterModel
{
    /// <summary>How many silos.</summary>
    public const int Silos = 3;

    /// <summary>The name of the connection string that takes the place of a container with PostgreSQL.</summary>
    public const string Connection = "cluster";

    /// <summary>Where the web host and its page are.</summary>
    public const int PagePort = 5080;

    private const string Setting = "SEARCHENGINE_DATABASE__CLUSTER__CONNECTION";
    private const int FirstSiloPort = 11111;
    private const int FirstGatewayPort = 30000;

    /// <summary>
    /// Adds the cluster. Where the connection string "cluster" is given, that PostgreSQL is used and every part is a process of this machine;
    /// else PostgreSQL runs in a container.
    /// </summary>
    public static void AddTo(IDistributedApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var isGiven = builder.Configuration.GetConnectionString(Connection) is { Length: > 0 };
        var postgres = isGiven ? builder.AddConnectionString(Connection) : AddPostgres(builder);
        var host = builder
            .AddProject<Projects.SearchEngine_Api>("host")
            .WithEnvironment(Setting, postgres)
            .WithEnvironment("SEARCHENGINE_API__URL", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{PagePort}"))
            .WithHttpEndpoint(PagePort, name: "page", isProxied: false)
            .WithHttpHealthCheck("/health/ready", endpointName: "page");
        foreach (var number in Enumerable.Range(1, Silos))
            host.WaitFor(AddSilo(builder, number, postgres));
    }

    private static IResourceBuilder<IResourceWithConnectionString> AddPostgres(IDistributedApplicationBuilder builder) =>
        builder.AddPostgres("postgres").AddDatabase(Connection);

    private static IResourceBuilder<ProjectResource> AddSilo(
        IDistributedApplicationBuilder builder,
        int number,
        IResourceBuilder<IResourceWithConnectionString> postgres
    )
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"silo{number}");
        var (port, gateway) = (FirstSiloPort + number, FirstGatewayPort + number);
        // A silo is up when clients get in: the web host looks for one when it starts.
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(name, new PortCheck(gateway), null, null));
        return builder
            .AddProject<Projects.SearchEngine_Cli>(name)
            .WithArgs(
                "cluster",
                "run",
                name,
                "--data",
                Path.Combine(builder.AppHostDirectory, "silos", name),
                "--port",
                port.ToString(CultureInfo.InvariantCulture),
                "--gateway-port",
                gateway.ToString(CultureInfo.InvariantCulture)
            )
            .WithEnvironment(Setting, postgres)
            .WithEndpoint(gateway, name: "gateway", scheme: "tcp", isProxied: false)
            .WithHealthCheck(name)
            .WaitFor(postgres);
    }
}
