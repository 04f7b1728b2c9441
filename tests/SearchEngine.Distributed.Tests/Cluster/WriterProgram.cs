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
        await using var client = await ClusterClient.OpenAsync(SiloProgram.Settings(args[0]));
        var shared = (await client.Connection.Log.FindCollectionAsync(ClusterLoad.Schema.Name))!;
        var collection = new DistributedCollection(shared, client.Routes.Of(shared), client.Connection.Log);
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
