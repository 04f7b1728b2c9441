using System.Numerics.Tensors;
using System.Text.Json.Nodes;
using SearchEngine.Vectors;
using SearchEngine.Vectors.Flat;

namespace SearchEngine.Workloads.Ann;

/// <summary>
/// Filtered search: every kind of filter at every selectivity, beside the scan of the same index's codes and the exact scan of a flat
/// index.
/// </summary>
internal static class AnnFilter
{
    private static readonly double[] Selectivities = [0.5, 0.1, 0.01, 0.001];

    // Filters that depend on the query are made per query, so fewer queries do.
    private const int MaxQueries = 200;

    // A beam as wide as the collection makes the cost model choose the scan of the codes.
    private const int ScanEf = 65536;

    private const int Turns = 6;
    private const double SecondsPerTurn = 0.3;

    public static int Run(string basePath, string queryPath, DistanceMetric metric, VectorQuantization quantizer, string? file, int ef)
    {
        VectorSet rows = VectorFile.ReadFloats(basePath),
            all = VectorFile.ReadFloats(queryPath);
        var queries = new VectorSet(all.Values[..(Math.Min(MaxQueries, all.Count) * all.Dimension)], all.Dimension);
        (var index, _, _) = AnnRun.Open(
            basePath,
            metric,
            quantizer,
            VectorIndexOptions.DefaultM,
            VectorIndexOptions.DefaultEfConstruction,
            0,
            file
        );
        using (index)
        {
            using VectorIndex flat = new FlatIndex(
                new VectorIndexOptions
                {
                    Dimension = rows.Dimension,
                    Metric = metric,
                    Quantization = VectorQuantization.None,
                }
            );
            flat.AddRange([.. Enumerable.Range(0, rows.Count)], rows.Values);
            foreach (var selectivity in Selectivities)
            {
                foreach (var kind in new[] { "random", "correlated", "anti-correlated" })
                    Measure(index, flat, rows, queries, kind, selectivity, ef);
            }
        }
        return 0;
    }

    private static void Measure(
        VectorIndex index,
        VectorIndex flat,
        VectorSet rows,
        VectorSet queries,
        string kind,
        double selectivity,
        int ef
    )
    {
        var matching = Math.Max(1, (int)(rows.Count * selectivity));
        var filters = new OrdinalSet[queries.Count];
        var shared = kind == "random" ? RandomSet(rows.Count, matching) : null;
        var truth = new int[queries.Count][];
        Parallel.For(
            0,
            queries.Count,
            q =>
            {
                var order = ByDistance(rows, queries.Row(q), index.Metric);
                if (shared != null)
                {
                    filters[q] = shared;
                }
                else
                {
                    // Correlated: mostly the nearest; anti-correlated: only the farthest.
                    var set = new OrdinalSet(rows.Count);
                    var start = kind == "correlated" ? 0 : rows.Count - matching;
                    for (var i = 0; i < matching; i++)
                        set.Add(order[start + i]);
                    filters[q] = set;
                }
                truth[q] = [.. order.Where(filters[q].Contains).Take(AnnMeasure.K)];
            }
        );
        // By turns, so that what slows the machine for a while slows all.
        AnnPoint? graph = null,
            scan = null,
            exact = null;
        for (var turn = 0; turn < Turns; turn++)
        {
            graph = Faster(graph, AnnMeasure.Point(index, queries, truth, ef, 0, 1, filterOf: q => filters[q], seconds: SecondsPerTurn));
            scan = Faster(scan, AnnMeasure.Point(index, queries, truth, ScanEf, 0, 1, filterOf: q => filters[q], seconds: SecondsPerTurn));
            exact = Faster(exact, AnnMeasure.Point(flat, queries, truth, ef, 0, 1, filterOf: q => filters[q], seconds: SecondsPerTurn));
        }
        Console.WriteLine(
            new JsonObject
            {
                ["filter"] = kind,
                ["selectivity"] = selectivity,
                ["matching"] = matching,
                ["ef"] = ef,
                ["recall@10"] = Math.Round(graph!.Recall, 4),
                ["qps"] = Math.Round(graph.Qps, 1),
                ["p99_us"] = Math.Round(graph.P99, 1),
                ["scan_qps"] = Math.Round(scan!.Qps, 1),
                ["flat_qps"] = Math.Round(exact!.Qps, 1),
                ["scan_recall@10"] = Math.Round(scan.Recall, 4),
                ["quantizer"] = index.Options.Quantization.ToString().ToLowerInvariant(),
                ["count"] = rows.Count,
                ["machine"] = AnnMeasure.Machine(),
            }.ToJsonString()
        );
    }

    private static AnnPoint Faster(AnnPoint? a, AnnPoint b) => a == null || b.Qps > a.Qps ? b : a;

    private static OrdinalSet RandomSet(int count, int matching)
    {
        var random = new Random(11);
        var set = new OrdinalSet(count);
        while (set.Count < matching)
            set.Add(random.Next(count));
        return set;
    }

    private static int[] ByDistance(VectorSet rows, ReadOnlySpan<float> query, DistanceMetric metric)
    {
        var keys = new float[rows.Count];
        var order = new int[rows.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            var row = rows.Row(i);
            keys[i] = metric switch
            {
                DistanceMetric.Cosine => -TensorPrimitives.CosineSimilarity(query, row),
                DistanceMetric.DotProduct => -TensorPrimitives.Dot(query, row),
                _ => TensorPrimitives.Distance(query, row),
            };
        }
        Array.Sort(keys, order);
        return order;
    }
}
