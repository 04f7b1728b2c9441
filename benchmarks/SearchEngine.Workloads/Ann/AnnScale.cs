using System.Text.Json.Nodes;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Ann;

/// <summary>Growth: the same kind of data at several sizes.</summary>
internal static class AnnScale
{
    private static readonly int[] BeamWidths = [10, 12, 14, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256];
    private const int Queries = 1000;
    private const double WantedRecall = 0.95;

    public static int Run(int[] sizes, int dimension, VectorQuantization quantizer, int buildThreads, string? directory, bool compact)
    {
        var root = directory ?? Directory.CreateTempSubdirectory("ann-scale-").FullName;
        try
        {
            foreach (var size in sizes)
                One(size, dimension, quantizer, buildThreads, Path.Combine(root, $"{size}x{dimension}"), directory != null, compact);
            return 0;
        }
        finally
        {
            if (directory == null)
                Directory.Delete(root, recursive: true);
        }
    }

    private static void One(int size, int dimension, VectorQuantization quantizer, int buildThreads, string path, bool keep, bool compact)
    {
        Directory.CreateDirectory(path);
        string basePath = Path.Combine(path, "base.fvecs"),
            queryPath = Path.Combine(path, "query.fvecs"),
            truthPath = Path.Combine(path, "truth.ivecs");
        if (!File.Exists(truthPath))
        {
            Console.Error.WriteLine($"Making {size:N0} vectors.");
            (var rows, var made) = AnnData.Clustered(size, Queries, dimension, Math.Max(1, size / 100), 1.25, 1);
            VectorFile.Write(basePath, rows);
            VectorFile.Write(queryPath, made);
            VectorFile.Write(truthPath, AnnData.Truth(rows, made, DistanceMetric.Cosine, AnnMeasure.K));
        }
        (var index, var seconds, var cpu) = AnnRun.Open(
            basePath,
            DistanceMetric.Cosine,
            quantizer,
            VectorIndexOptions.DefaultM,
            VectorIndexOptions.DefaultEfConstruction,
            buildThreads,
            keep ? Path.Combine(path, $"index-{quantizer}") : null
        );
        using (index)
        {
            if (compact)
                AnnRun.Compact(index);
            var queries = VectorFile.ReadFloats(queryPath);
            var truth = VectorFile.ReadIntegers(truthPath);
            var points = new List<AnnPoint>();
            foreach (var ef in BeamWidths)
            {
                points.Add(AnnMeasure.Point(index, queries, truth, ef, 0, 1));
                if (points[^1].Recall > 0.98)
                    break;
            }
            var statistics = index.Statistics;
            Console.WriteLine(
                new JsonObject
                {
                    ["count"] = size,
                    ["dimension"] = dimension,
                    ["quantizer"] = quantizer.ToString().ToLowerInvariant(),
                    ["compacted"] = compact,
                    ["qps_at_.95"] = AnnMeasure.QpsAt(points, WantedRecall) is double qps ? Math.Round(qps, 1) : null,
                    ["points"] = new JsonArray([
                        .. points.Select(p => new JsonObject
                        {
                            ["ef"] = p.Ef,
                            ["recall@10"] = Math.Round(p.Recall, 4),
                            ["qps"] = Math.Round(p.Qps, 1),
                        }),
                    ]),
                    ["build_seconds"] = Math.Round(seconds, 1),
                    ["build_cpu_seconds"] = Math.Round(cpu, 1),
                    ["code_and_graph_bytes"] = statistics.CodeBytes + statistics.GraphBytes,
                    ["full_precision_bytes"] = statistics.FullPrecisionBytes,
                    ["machine"] = AnnMeasure.Machine(),
                }.ToJsonString()
            );
        }
    }
}
