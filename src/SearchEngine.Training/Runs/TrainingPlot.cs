using ScottPlot;
using SkiaSharp;

namespace SearchEngine.Training;

/// <summary>Draws the curves of training logs.</summary>
public static class TrainingPlot
{
    private const int Width = 1000;
    private const int Height = 700;

    /// <summary>Share of the old value in the smoothed curve.</summary>
    private const double Smoothing = 0.9;

    /// <summary>
    /// Draws loss (upper) and accuracy (lower) against steps, each log in its own colour: points pale, smoothed curve strong.
    /// </summary>
    /// <param name="logs">Output folders of runs, or their training-log.jsonl files.</param>
    /// <param name="target">The picture; its ending, .png or .svg, chooses the format.</param>
    /// <exception cref="TrainingException">A log is missing or empty, or the ending is another.</exception>
    public static void Save(IReadOnlyList<string> logs, string target)
    {
        ArgumentNullException.ThrowIfNull(logs);
        ArgumentException.ThrowIfNullOrEmpty(target);
        var extension = Path.GetExtension(target).ToLowerInvariant();
        if (extension is not (".png" or ".svg"))
            throw new TrainingException($"'{target}' should end in .png or .svg.");
        if (logs.Count == 0)
            throw new TrainingException("Name at least one training log or output folder.");
        var multiplot = new Multiplot();
        multiplot.AddPlots(2);
        var (loss, accuracy) = (multiplot.GetPlot(0), multiplot.GetPlot(1));
        for (var i = 0; i < logs.Count; i++)
        {
            var (name, lines) = Read(logs[i]);
            var colour = loss.Add.Palette.GetColor(i);
            Draw(loss, name, colour, [.. lines.Select(l => (double)l.Step)], [.. lines.Select(l => l.Loss)]);
            Draw(accuracy, name, colour, [.. lines.Select(l => (double)l.Step)], [.. lines.Select(l => l.Accuracy)]);
        }

        loss.YLabel("loss");
        accuracy.YLabel("accuracy");
        accuracy.XLabel("step");
        loss.ShowLegend(Alignment.UpperRight);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        if (extension == ".png")
            multiplot.SavePng(target, Width, Height);
        else
            SaveSvg(multiplot, target);
    }

    private static void SaveSvg(Multiplot multiplot, string target)
    {
        using var stream = File.Create(target);
        using var canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, Height), stream);
        multiplot.Render(canvas, new PixelRect(0, Width, Height, 0));
    }

    private static (string Name, List<TrainingProgress> Lines) Read(string log)
    {
        var path = Directory.Exists(log) ? Path.Combine(log, TrainingLog.FileName) : log;
        if (!File.Exists(path))
            throw new TrainingException($"There is no training log '{path}'.");
        var lines = TrainingLog.Read(path).ToList();
        if (lines.Count == 0)
            throw new TrainingException($"The training log '{path}' is empty.");
        return (Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)))!, lines);
    }

    private static void Draw(Plot plot, string name, Color colour, double[] steps, double[] values)
    {
        var points = plot.Add.ScatterPoints(steps, values, colour.WithAlpha(0.3));
        points.MarkerSize = 3;
        var smooth = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
            smooth[i] = i == 0 ? values[0] : Smoothing * smooth[i - 1] + (1 - Smoothing) * values[i];
        var line = plot.Add.ScatterLine(steps, smooth, colour);
        line.LineWidth = 2;
        line.LegendText = name;
    }
}
