using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>Ingests files: progress on stderr, a summary on stdout, exit code 1 where some files failed and 2 where all did.</summary>
internal sealed class IngestCommand(CliConsole console)
{
    public async Task<int> RunAsync(IngestPlan plan, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(plan.Model);
        await using var database = await DatabaseSession.OpenAsync(plan.Database, model.ToEmbedder(), cancellationToken);
        var collection = await OpenCollectionAsync(database, plan, model, cancellationToken);
        var ingestor = new FolderIngestor(collection, OptionsOf(plan, model));
        var report = await IngestProgressView.RunAsync(console, progress => ingestor.IngestAsync(plan.Paths, progress, cancellationToken));
        return Report(plan, report);
    }

    private static Task<SearchCollection> OpenCollectionAsync(SearchDatabase database, IngestPlan plan, LoadedModel model, CancellationToken cancellationToken) =>
        database.CollectionExists(plan.Collection)
            ? database.GetCollectionAsync(plan.Collection, cancellationToken)
            : database.CreateCollectionAsync(IngestionSchema.Create(plan.Collection, model.Dimension, model.Identity), cancellationToken);

    private static IngestionOptions OptionsOf(IngestPlan plan, LoadedModel model) => new()
    {
        Force = plan.Force,
        Chunking = new ChunkerOptions
        {
            MaxTokens = plan.Settings.ChunkTokens,
            OverlapTokens = plan.Settings.OverlapTokens,
            CountTokens = model.Generator.CountTokens,
            CountTokensName = model.Identity,
        },
    };

    private int Report(IngestPlan plan, IngestionReport report)
    {
        if (plan.AsJson) console.WriteJson(IngestReport.Of(plan.Collection, report));
        foreach (var warning in report.Warnings) console.WriteDiagnostic($"warning: {Describe(warning)}");
        if (report.Failures.Count > 0 && report.Read + report.Skipped == 0)
        {
            var more = report.Failures.Count > 1 ? $" (and {Format.Count(report.Failures.Count - 1)} more)" : string.Empty;
            throw new HostException($"nothing could be read: {Describe(report.Failures[0])}{more}");
        }

        foreach (var failure in report.Failures) console.WriteDiagnostic($"failed: {Describe(failure)}");
        if (!plan.AsJson) WriteSummary(plan, report);
        if (report.Failures.Count > 0) return ExitCode.Partial;
        if (report.Read + report.Skipped + report.Removed > 0) return ExitCode.Success;
        console.WriteDiagnostic("nothing to ingest: no file of a known kind there");
        return ExitCode.Partial;
    }

    private void WriteSummary(IngestPlan plan, IngestionReport report)
    {
        var parts = new List<string> { Format.Count(report.Read, "file") + " read", Format.Count(report.Skipped) + " unchanged" };
        if (report.Removed > 0) parts.Add(Format.Count(report.Removed) + " removed");
        if (report.Unsupported > 0) parts.Add(Format.Count(report.Unsupported) + " of other kinds passed over");
        parts.Add(Format.Count(report.Failures.Count) + " failed");
        console.Out.WriteLine(string.Join(", ", parts));
        console.Out.WriteLine($"{Format.Count(report.Documents, "document")} in {Format.Count(report.Chunks, "chunk")} written to collection '{plan.Collection}' in {Format.Seconds(report.Elapsed)}");
    }

    private static string Describe(IngestionIssue issue) =>
        (issue.Path.Length == 0 ? string.Empty : SourcePath.ForDisplay(issue.Path) + (issue.Line is { } line ? $", line {line}" : string.Empty) + ": ") + issue.Message;
}
