using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Silo;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>
/// A router as a process of its own, for tests that kill it: inserts records under keys that were never there, one after the other, and says
/// <c>try KEY</c> before and <c>ack KEY</c> after each.
/// </summary>
public static class WriterProgram
{
    public const string Command = "writer";

    /// <param name="args">How PostgreSQL is reached, and what the keys begin with.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var settings = SiloProgram.Settings(args[0]);
        await using var connection = await ClusterConnection.OpenAsync(settings);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.AddClusterClient(connection);
        using var host = builder.Build();
        await host.StartAsync();
        var routes = host.Services.GetRequiredService<ClusterRoutes>();
        await routes.RefreshAsync();
        var shared = (await connection.Log.FindCollectionAsync(ClusterLoad.Schema.Name))!;
        var collection = new DistributedCollection(shared, routes.Of(shared), connection.Log);
        for (var number = 1L; ; number++)
        {
            var key = $"{args[1]}-{number}";
            await Console.Out.WriteLineAsync($"try {key}");
            await Console.Out.FlushAsync();
            var batch = new WriteBatch().Upsert(new Document(key) { ["number"] = number }, RecordVersion.None);
            await collection.WriteAsync(batch);
            await Console.Out.WriteLineAsync($"ack {key}");
            await Console.Out.FlushAsync();
        }
    }
}
