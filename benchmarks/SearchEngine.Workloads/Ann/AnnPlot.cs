using System.Globalization;
using System.Text.Json.Nodes;
using ScottPlot;

namespace SearchEngine.Workloads.Ann;

/// <summary>A table and a recall/QPS plot of JSON lines that "ann" and the peers' program wrote.</summary>
internal static class AnnPlot
{
    private static readonly double[] Recalls = [0.95, 0.99];

    public static int Run(string[] inputs, string output)
    {
        var series = new SortedDictionary<string, List<JsonNode>>(StringComparer.Ordinal);
        foreach (var line in inputs.SelectMany(File.ReadLines).Where(l => l.StartsWith('{')))
        {
            var node = JsonNode.Parse(line)!;
            string engine = (string)node["engine"]!,
                quantizer = (string)node["quantizer"]!;
            var name = engine == "SearchEngine" ? $"{engine} {quantizer}" : engine;
            if (!series.TryGetValue(name, out var points))
                series[name] = points = [];
            points.Add(node);
        }
        Console.WriteLine("| engine | QPS at recall@10 .95 | at .99 | codes + graph, bytes per vector | build CPU seconds |");
        Console.WriteLine("|---|---|---|---|---|");
        using var plot = new Plot();
        foreach ((var name, var nodes) in series)
        {
            AnnPoint[] points =
            [
                .. nodes.Select(n => new AnnPoint((int)n["ef"]!, (double)n["recall@10"]!, (double)n["qps"]!, 0, 0, 0)).OrderBy(p => p.Ef),
            ];
            var cells = string.Join(
                " | ",
                Recalls.Select(r =>
                    AnnMeasure.QpsAt(points, r) is double qps ? qps.ToString("N0", CultureInfo.InvariantCulture) : "not reached"
                )
            );
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {cells} | {(double)nodes[0]["bytes_per_vector"]!:F0} | {(double)nodes[0]["build_cpu_seconds"]!:F1} |"
                )
            );
            var line = plot.Add.Scatter(points.Select(p => p.Recall).ToArray(), points.Select(p => Math.Log10(p.Qps)).ToArray());
            line.LegendText = name;
        }
        var ticks = new ScottPlot.TickGenerators.NumericAutomatic
        {
            LabelFormatter = y => Math.Pow(10, y).ToString("N0", CultureInfo.InvariantCulture),
        };
        plot.Axes.Left.TickGenerator = ticks;
        plot.XLabel("recall@10");
        plot.YLabel("queries per second, one thread");
        plot.ShowLegend(Alignment.LowerLeft);
        plot.SavePng(output, 900, 600);
        return 0;
    }
}
