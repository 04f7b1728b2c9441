using System.Diagnostics;
using System.Text.Json.Nodes;
using SearchEngine.Vectors;
using SearchEngine.Vectors.Hnsw;

namespace SearchEngine.Workloads.Ann;

/// <summary>Deletes and re-inserts half of the vectors at random, several times, and compares with the fresh build.</summary>
internal static class AnnChurn
{
    private static readonly int[] BeamWidths = [20, 40, 80];

    public static int Run(
        string basePath,
        string queryPath,
        string truthPath,
        DistanceMetric metric,
        VectorQuantization quantizer,
        string? file,
        int rounds,
        int buildThreads
    )
    {
        VectorSet rows = VectorFile.ReadFloats(basePath),
            queries = VectorFile.ReadFloats(queryPath);
        var truth = VectorFile.ReadIntegers(truthPath);
        (var index, _, _) = AnnRun.Open(
            basePath,
            metric,
            quantizer,
            VectorIndexOptions.DefaultM,
            VectorIndexOptions.DefaultEfConstruction,
            buildThreads,
            file
        );
        using (index)
        {
            var random = new Random(17);
            Report(index, queries, truth, 0, 0, 0);
            for (var round = 1; round <= rounds; round++)
            {
                int[] order = [.. Enumerable.Range(0, rows.Count)];
                random.Shuffle(order);
                var victims = order[..(rows.Count / 2)];
                foreach (var victim in victims)
                    index.Remove(victim);
                var start = Stopwatch.GetTimestamp();
                var freed = index.Repair();
                var repair = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (freed != victims.Length)
                    throw new InvalidOperationException($"{victims.Length} vectors were removed but {freed} were freed.");
                var values = new float[(long)victims.Length * rows.Dimension];
                for (var i = 0; i < victims.Length; i++)
                    rows.Row(victims[i]).CopyTo(values.AsSpan(i * rows.Dimension));
                start = Stopwatch.GetTimestamp();
                index.AddRange(victims, values, buildThreads);
                Report(index, queries, truth, round, repair, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            var problems = index.Verify();
            foreach (var problem in problems)
                Console.Error.WriteLine(problem);
            return problems.Count == 0 ? 0 : 1;
        }
    }

    private static void Report(VectorIndex index, VectorSet queries, int[][] truth, int round, double repair, double insert)
    {
        foreach (var ef in BeamWidths)
        {
            var point = AnnMeasure.Point(index, queries, truth, ef, 0, 1);
            Console.WriteLine(
                new JsonObject
                {
                    ["round"] = round,
                    ["ef"] = ef,
                    ["recall@10"] = Math.Round(point.Recall, 4),
                    ["qps"] = Math.Round(point.Qps, 1),
                    ["repair_seconds"] = Math.Round(repair, 2),
                    ["insert_seconds"] = Math.Round(insert, 2),
                    ["quantizer"] = index.Options.Quantization.ToString().ToLowerInvariant(),
                    ["machine"] = AnnMeasure.Machine(),
                }.ToJsonString()
            );
        }
    }
}
