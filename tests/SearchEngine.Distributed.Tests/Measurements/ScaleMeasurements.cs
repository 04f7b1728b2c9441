using System.Diagnostics;
using SearchEngine.Distributed.Log;
using SearchEngine.Distributed.Tests.Postgres;
using SearchEngine.Distributed.Tests.Routing;
using Xunit;

namespace SearchEngine.Distributed.Tests.Measurements;

/// <summary>
/// The figures of docs/scale.md: what a search and a write cost over shards of this process, with PostgreSQL for the log, beside one
/// collection; and what the slowest of many shards does to a search, by simulation from the times measured. Run by hand:
/// <c>SearchEngine.Distributed.Tests -explicit only -class SearchEngine.Distributed.Tests.Measurements.ScaleMeasurements</c>.
/// </summary>
public sealed class ScaleMeasurements(PostgresFixture postgres)
{
    private const int Records = 12_000;
    private const int Dimension = 384;
    private const int Words = 3_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static CollectionSchema Schema =>
        new()
        {
            Name = "measured",
            KeyKind = RecordKeyKind.Int32,
            Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
            Vectors = [new VectorField("vector", Dimension)],
        };

    [Fact(Explicit = true)]
    public async Task Searches_and_writes_over_shards()
    {
        var embedder = new EmbedderOptions { Generator = new TestSupport.HashingEmbeddingGenerator(Dimension) };
        await using var one = await LocalCollection.CreateAsync(Schema, embedder);
        await FillAsync(one.Collection, "one collection");
        await SearchAsync(one.Collection, "one collection");
        var measured = new List<double>();
        foreach (var shards in new[] { 1, 3, 8 })
        {
            await using var cluster = await LocalCluster.StartAsync(postgres, Schema, shards);
            var routed = cluster.Router();
            await FillAsync(routed, $"{shards} shards");
            var bytes = 0L;
            for (var shard = 0; shard < shards; shard++)
            {
                var after = default(LogCursor);
                while (await cluster.Log.ReadAsync(cluster.Shared.LogOf(shard), after, cancellationToken: Token) is { Count: > 0 } read)
                {
                    bytes += read.Sum(entry => (long)entry.Body.Length);
                    after = read[^1].Cursor;
                }
            }

            Print($"{shards} shards: {bytes / Records} bytes of log for a record");
            var taken = await SearchAsync(routed, $"{shards} shards");
            if (shards == 1)
                measured = taken;
            Print($"{shards} shards: a write of one record acknowledged after {await SingleAsync(routed):0.0} ms (median)");
        }

        foreach (var fan in new[] { 1, 8, 64, 256 })
            Simulate(measured, fan);
    }

    private static async Task FillAsync(ISearchCollection collection, string where)
    {
        var random = new Random(5);
        var watch = Stopwatch.StartNew();
        var cpu = Environment.CpuUsage.TotalTime;
        for (var key = 0; key < Records; key += 500)
            await collection.UpsertAsync([.. Enumerable.Range(key, 500).Select(i => Make(i, random))], Token);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        Print(
            $"{where}: {Records / watch.Elapsed.TotalSeconds:0} records/s in batches of 500, {cpu.TotalMicroseconds / Records:0} us CPU each"
        );
    }

    private static async Task<List<double>> SearchAsync(ISearchCollection collection, string where)
    {
        var hybrid = new List<double>();
        foreach (var mode in Enum.GetValues<SearchMode>())
        {
            var random = new Random(9);
            var least = double.MaxValue;
            var times = new List<double>();
            for (var turn = 0; turn < 12; turn++)
            {
                var cpu = Environment.CpuUsage.TotalTime;
                for (var i = 0; i < 25; i++)
                {
                    var watch = Stopwatch.StartNew();
                    var request = new SearchRequest
                    {
                        Mode = mode,
                        Text = mode == SearchMode.Vector ? null : $"{Word(random)} {Word(random)} {Word(random)}",
                        Vector = mode == SearchMode.Keyword ? null : Vector(random),
                        CorrectSpelling = false,
                    };
                    await collection.FindAsync(request, Token);
                    times.Add(watch.Elapsed.TotalMilliseconds);
                }

                least = Math.Min(least, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / 25);
            }

            times.Sort();
            Print($"{where}: {mode} search {least:0} us CPU (least of 12 turns), median {times[times.Count / 2]:0.00} ms");
            if (mode == SearchMode.Hybrid)
                hybrid = times;
        }

        return hybrid;
    }

    private static async Task<double> SingleAsync(ISearchCollection collection)
    {
        var random = new Random(6);
        var times = new List<double>();
        for (var i = 0; i < 60; i++)
        {
            var watch = Stopwatch.StartNew();
            await collection.UpsertAsync([Make(Records + i, random)], Token);
            times.Add(watch.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    /// <summary>The slowest of so many shards, each drawn from the times of one; with a second replica asked after the 95th percentile.</summary>
    private static void Simulate(List<double> times, int fan)
    {
        var random = new Random(3);
        double Draw() => times[random.Next(times.Count)];
        var percentile = times[(int)(times.Count * 0.95)];
        double Hedged() => Draw() is var first && first <= percentile ? first : Math.Min(first, percentile + Draw());
        double[] Slowest(Func<double> draw) =>
            [.. Enumerable.Range(0, 4000).Select(_ => Enumerable.Range(0, fan).Max(_ => draw())).Order()];
        var (plain, hedged) = (Slowest(Draw), Slowest(Hedged));
        Print(
            $"slowest of {fan} shards, in medians of one: p50 {plain[2000] / times[times.Count / 2]:0.0}, p99 {plain[3960] / times[times.Count / 2]:0.0}; hedged p50 {hedged[2000] / times[times.Count / 2]:0.0}, p99 {hedged[3960] / times[times.Count / 2]:0.0}"
        );
    }

    private static Document Make(int key, Random random) =>
        new(key)
        {
            ["text"] = string.Join(' ', Enumerable.Range(0, 40).Select(_ => Word(random))),
            Vectors = { ["vector"] = Vector(random) },
        };

    private static string Word(Random random)
    {
        var number = (int)(Words * random.NextDouble() * random.NextDouble());
        return string.Concat(Enumerable.Range(0, 4).Select(part => "bacedigofu"[(number / (int)Math.Pow(10, part)) % 10])) + "ta";
    }

    private static float[] Vector(Random random)
    {
        var vector = new float[Dimension];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = random.NextSingle() - 0.5f;
        return vector;
    }

    private static void Print(string line) => Console.WriteLine($"scale: {line}");
}
