using System.Diagnostics;
using System.Text.Json.Nodes;
using SearchEngine.Vectors;
using SearchEngine.Vectors.Hnsw;

namespace SearchEngine.Workloads.Ann;

/// <summary>Deletes and re-inserts half of the vectors at random, several times, and compares with the fresh build.</summary>
internal static class AnnChurn
{
    private static readonly int[] BeamWidths = [20, 40, 80];

    public static int Run(string basePath, string queryPath, string truthPath, DistanceMetric metric, VectorQuantization quantizer, string? file, int rounds, int buildThreads)
    {
        VectorSet rows = VectorFile.ReadFloats(basePath), queries = VectorFile.ReadFloats(queryPath);
        int[][] truth = VectorFile.ReadIntegers(truthPath);
        (VectorIndex index, _, _) = AnnRun.Open(basePath, metric, quantizer, VectorIndexOptions.DefaultM, VectorIndexOptions.DefaultEfConstruction, buildThreads, file);
        using (index)
        {
            var random = new Random(17);
            Report(index, queries, truth, 0, 0, 0);
            for (int round = 1; round <= rounds; round++)
            {
                int[] order = [.. Enumerable.Range(0, rows.Count)];
                random.Shuffle(order);
                int[] victims = order[..(rows.Count / 2)];
                foreach (int victim in victims)
                    index.Remove(victim);
                long start = Stopwatch.GetTimestamp();
                int freed = index.Repair();
                double repair = Stopwatch.GetElapsedTime(start).TotalSeconds;
                if (freed != victims.Length)
                    throw new InvalidOperationException($"{victims.Length} vectors were removed but {freed} were freed.");
                float[] values = new float[(long)victims.Length * rows.Dimension];
                for (int i = 0; i < victims.Length; i++)
                    rows.Row(victims[i]).CopyTo(values.AsSpan(i * rows.Dimension));
                start = Stopwatch.GetTimestamp();
                index.AddRange(victims, values, buildThreads);
                Report(index, queries, truth, round, repair, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            IReadOnlyList<string> problems = index.Verify();
            foreach (string problem in problems)
                Console.Error.WriteLine(problem);
            return problems.Count == 0 ? 0 : 1;
        }
    }

    private static void Report(VectorIndex index, VectorSet queries, int[][] truth, int round, double repair, double insert)
    {
        foreach (int ef in BeamWidths)
        {
            AnnPoint point = AnnMeasure.Point(index, queries, truth, ef, 0, 1);
            Console.WriteLine(new JsonObject
            {
                ["round"] = round,
                ["ef"] = ef,
                ["recall@10"] = Math.Round(point.Recall, 4),
                ["qps"] = Math.Round(point.Qps, 1),
                ["repair_seconds"] = Math.Round(repair, 2),
                ["insert_seconds"] = Math.Round(insert, 2),
                ["quantizer"] = index.Options.Quantization.ToString().ToLowerInvariant(),
                ["machine"] = AnnMeasure.Machine(),
            }.ToJsonString());
        }
    }
}
