using System.Globalization;
using SearchEngine.Cli.Output;
using SearchEngine.Ingestion;
using Spectre.Console;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>
/// How far an ingestion is, on stderr: a bar with documents/s (chunks/s of large ones) and time left on a terminal; in a pipe, lines that start with
/// "wrote" and the number of documents that are durable by then, or "looking at" where a large file is looked at whether it has changed.
/// </summary>
internal static class IngestProgressView
{
    /// <summary>Input from which on bytes are told beside documents.</summary>
    private const long LargeBytes = 10_000_000;

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

    /// <summary>What is written, how fast, and the time left.</summary>
    internal static string Describe(IngestionProgress progress)
    {
        var left = progress.Remaining is { } remaining ? $", {Format.Seconds(remaining)} left" : string.Empty;
        // Of few large files the documents say little.
        var bytes =
            progress.TotalBytes >= LargeBytes ? $", {Megabytes(progress.Bytes)} of {Megabytes(progress.TotalBytes)} MB" : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.Documents} documents ({progress.Files}/{progress.TotalFiles} files, {progress.Chunks} chunks{bytes}), {RateOf(progress)}{left}"
        );
    }

    /// <summary>Documents a second; chunks where documents are so large that less than one is done in a second.</summary>
    private static string RateOf(IngestionProgress progress) =>
        progress.DocumentsPerSecond >= 1 || progress.Elapsed <= TimeSpan.Zero
            ? $"{Format.Rate(progress.DocumentsPerSecond)} documents/s"
            : $"{Format.Rate(progress.Chunks / progress.Elapsed.TotalSeconds)} chunks/s";

    /// <summary>What is seen of a large file before anything of it is written.</summary>
    private static string DescribeLook(IngestionProgress progress) =>
        $"looking at {SourcePath.ForDisplay(progress.CurrentPath ?? string.Empty)}: {Megabytes(progress.LookedAtBytes)} MB";

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N0", CultureInfo.InvariantCulture);

    private sealed class Bar(ProgressTask task) : IProgress<IngestionProgress>
    {
        public void Report(IngestionProgress value)
        {
            task.MaxValue = Math.Max(value.TotalBytes, 1);
            task.Value = value.Bytes;
            task.Description = Markup.Escape(value.LookedAtBytes > 0 ? DescribeLook(value) : Describe(value));
        }
    }

    private sealed class Lines(CliConsole console) : IProgress<IngestionProgress>
    {
        /// <summary>Often at first, rarer as time goes: a night's run does not fill the log.</summary>
        private const int LinesPerRun = 50;
        private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(250);

        private TimeSpan _shown;
        private (long Documents, long Chunks, long Bytes, long LookedAt) _told;

        public void Report(IngestionProgress value)
        {
            var interval = value.Elapsed / LinesPerRun;
            if (interval < ShortestInterval)
                interval = ShortestInterval;
            var news = (value.Documents, value.Chunks, value.Bytes, value.LookedAtBytes);
            if (news == _told || value.Elapsed - _shown < interval)
                return;
            var isLook = value.LookedAtBytes > 0;
            if (!isLook && (value.Documents, value.Chunks) == (_told.Documents, _told.Chunks) && value.TotalBytes < LargeBytes)
                return;
            _shown = value.Elapsed;
            _told = news;
            console.WriteDiagnostic(isLook ? DescribeLook(value) : "wrote " + Describe(value));
        }
    }
}
