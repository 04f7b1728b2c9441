using System.Globalization;
using SearchEngine.Cli.Output;
using SearchEngine.Ingestion;
using Spectre.Console;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>
/// How far an ingestion is, on stderr: a bar with documents/s and time left on a terminal; in a pipe, lines that start with
/// "wrote" and the number of documents that are durable by then.
/// </summary>
internal static class IngestProgressView
{
    public static Task<IngestionReport> RunAsync(CliConsole console, Func<IProgress<IngestionProgress>, Task<IngestionReport>> ingest) =>
        console.ErrorIsTerminal ? WithBarAsync(console, ingest) : ingest(new Lines(console));

    private static Task<IngestionReport> WithBarAsync(
        CliConsole console,
        Func<IProgress<IngestionProgress>, Task<IngestionReport>> ingest
    ) =>
        console
            .ErrorAnsi.Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context => ingest(new Bar(context.AddTask("reading", maxValue: 1))));

    private static string Describe(IngestionProgress progress)
    {
        var left = progress.Remaining is { } remaining ? $", {Format.Seconds(remaining)} left" : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.Documents} documents ({progress.Files}/{progress.TotalFiles} files, {progress.Chunks} chunks), {Format.Rate(progress.DocumentsPerSecond)} documents/s{left}"
        );
    }

    private sealed class Bar(ProgressTask task) : IProgress<IngestionProgress>
    {
        public void Report(IngestionProgress value)
        {
            task.MaxValue = Math.Max(value.TotalBytes, 1);
            task.Value = value.Bytes;
            task.Description = Markup.Escape(Describe(value));
        }
    }

    private sealed class Lines(CliConsole console) : IProgress<IngestionProgress>
    {
        /// <summary>Often at first, rarer as time goes: a night's run does not fill the log.</summary>
        private const int LinesPerRun = 50;
        private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(250);

        private TimeSpan _shown;
        private long _documents;

        public void Report(IngestionProgress value)
        {
            var interval = value.Elapsed / LinesPerRun;
            if (interval < ShortestInterval)
                interval = ShortestInterval;
            if (value.Documents == _documents || value.Elapsed - _shown < interval)
                return;
            _shown = value.Elapsed;
            _documents = value.Documents;
            console.WriteDiagnostic("wrote " + Describe(value));
        }
    }
}
