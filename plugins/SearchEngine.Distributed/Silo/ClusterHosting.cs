using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime.Hosting;
using SearchEngine.Distributed.Placement;
using SearchEngine.Distributed.Replication;

namespace SearchEngine.Distributed.Silo;

/// <summary>Makes a host a silo of a cluster, or a client of one.</summary>
public static class ClusterHosting
{
    private const string Invariant = "Npgsql";

    /// <summary>
    /// Makes the host a silo: it joins the cluster, holds the replicas that the map gives it, and answers for them.
    /// <see cref="ClusterRoutes"/> is there as a service, as for a client.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="connection">The cluster; stays the caller's, and open as long as the host runs.</param>
    /// <param name="settings">The silo.</param>
    /// <param name="factory">Makes what applies entries and answers.</param>
    public static IHostApplicationBuilder AddClusterSilo(
        this IHostApplicationBuilder builder,
        ClusterConnection connection,
        SiloSettings settings,
        ReplicaFactory factory
    )
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(settings);
        ClusterMap.ValidateName(settings.Placement.Silo);
        var cluster = connection.Settings;
        builder.UseOrleans(silo =>
        {
            silo.UseAdoNetClustering(options =>
            {
                options.Invariant = Invariant;
                options.DataSource = connection.Database.Source;
            });
            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ClusterId));
            silo.Configure<SiloOptions>(options => options.SiloName = settings.Placement.Silo);
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = cluster.CallTimeout);
            silo.Configure<EndpointOptions>(options =>
            {
                options.AdvertisedIPAddress = settings.Address;
                (options.SiloPort, options.GatewayPort) = (settings.SiloPort, settings.GatewayPort);
                options.SiloListeningEndpoint = new System.Net.IPEndPoint(settings.Address, settings.SiloPort);
                options.GatewayListeningEndpoint = new System.Net.IPEndPoint(settings.Address, settings.GatewayPort);
            });
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = cluster.ProbeInterval;
                options.NumMissedProbesLimit = cluster.ProbesMissed;
                options.NumVotesForDeathDeclaration = 1;
                options.TableRefreshTimeout = cluster.ProbeInterval * 5;
                options.IAmAliveTablePublishTimeout = cluster.ProbeInterval * 10;
                options.DefunctSiloExpiration = TimeSpan.FromHours(1);
                options.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
            });
            silo.Services.AddPlacementDirector<NamedSiloPlacement, NamedSiloDirector>();
        });
        builder.Services.AddSingleton(connection);
        builder.Services.AddSingleton(new SiloName(settings.Placement.Silo));
        builder.Services.AddSingleton(services => new ReplicaHost(
            settings.Replicas,
            connection.Log,
            connection.Snapshots,
            factory,
            services.GetService<ILoggerFactory>()
        ));
        builder.Services.AddSingleton(services => new PlacementAgent(
            settings.Placement,
            connection.Placement,
            connection.Log,
            connection.Snapshots,
            services.GetRequiredService<ReplicaHost>(),
            services.GetService<ILoggerFactory>()
        ));
        builder.Services.AddHostedService<PlacementService>();
        return AddRoutes(builder, connection);
    }

    /// <summary>Makes the host a client of a cluster: it holds nothing, and asks the silos. <see cref="ClusterRoutes"/> is there as a service.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="connection">The cluster; stays the caller's, and open as long as the host runs.</param>
    public static IHostApplicationBuilder AddClusterClient(this IHostApplicationBuilder builder, ClusterConnection connection)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connection);
        var cluster = connection.Settings;
        builder.UseOrleansClient(client =>
        {
            client.UseAdoNetClustering(options =>
            {
                options.Invariant = Invariant;
                options.DataSource = connection.Database.Source;
            });
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ClusterId));
            client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = cluster.CallTimeout);
            client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = cluster.ProbeInterval * 2);
        });
        builder.Services.AddSingleton(connection);
        return AddRoutes(builder, connection);
    }

    private static IHostApplicationBuilder AddRoutes(IHostApplicationBuilder builder, ClusterConnection connection)
    {
        builder.Services.AddSingleton(services => new ClusterRoutes(
            connection.Placement,
            services.GetRequiredService<IGrainFactory>(),
            services.GetService<ILoggerFactory>()
        ));
        return builder;
    }
}
