using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Embeddings;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Ingest;

/// <summary>Ingests files: progress on stderr, a summary on stdout, exit code 1 where some files failed and 2 where all did.</summary>
internal sealed class IngestCommand(CliConsole console)
{
    /// <summary>Names shown of each kind that was passed over; <c>--json</c> has more.</summary>
    private const int MaxNames = 5;

    public async Task<int> RunAsync(IngestPlan plan, CancellationToken cancellationToken)
    {
        using var model = LoadedModel.Load(plan.Model);
        if (plan.Options.DryRun)
            return await TryAsync(plan, model, cancellationToken);
        await using var database = await DatabaseSession.OpenAsync(plan.Database, model.ToEmbedder(), cancellationToken);
        var collection = await OpenCollectionAsync(database, plan, model, cancellationToken);
        var ingestor = new FolderIngestor(collection, OptionsOf(plan, model));
        // Watched from before the first look, so that nothing is missed between the two.
        using var watch = plan.Watch ? new FolderWatch(plan.Paths) : null;
        var exitCode = await PassAsync(plan, ingestor, collection, cancellationToken);
        while (watch is not null)
        {
            console.Flush();
            console.WriteDiagnostic("watching; Ctrl-C ends it");
            await watch.WaitAsync(cancellationToken);
            exitCode = await PassAsync(plan, ingestor, collection, cancellationToken);
        }

        return exitCode;
    }

    /// <summary>
    /// A dry run: what is there is opened without changing a byte of it; what is not there is made in a temporary folder.
    /// </summary>
    private async Task<int> TryAsync(IngestPlan plan, LoadedModel model, CancellationToken cancellationToken)
    {
        if (DatabaseSession.IsThere(plan.Database))
        {
            var readOnly = plan.Database with { Settings = plan.Database.Settings with { ReadOnly = true } };
            await using var database = await DatabaseSession.OpenAsync(readOnly, model.ToEmbedder(), cancellationToken);
            if (await database.CollectionExistsAsync(plan.Collection, cancellationToken))
                return await TryAsync(database);
        }

        await using var temporary = await TemporaryDatabase.CreateAsync(plan.Database.Settings, model.ToEmbedder(), cancellationToken);
        return await TryAsync(temporary.Database);

        async Task<int> TryAsync(ISearchDatabase database)
        {
            var collection = await OpenCollectionAsync(database, plan, model, cancellationToken);
            return await PassAsync(plan, new FolderIngestor(collection, OptionsOf(plan, model)), collection, cancellationToken);
        }
    }

    private async Task<int> PassAsync(
        IngestPlan plan,
        FolderIngestor ingestor,
        ISearchCollection collection,
        CancellationToken cancellationToken
    )
    {
        var report = await IngestProgressView.RunAsync(console, progress => ingestor.IngestAsync(plan.Paths, progress, cancellationToken));
        var catalog = plan.Prune ? await DocumentCatalog.OpenAsync(collection, cancellationToken) : null;
        var pruned = catalog is null ? [] : await catalog.PruneAsync(plan.Options.DryRun, cancellationToken);
        return Report(plan, report with { Removed = report.Removed + pruned.Count });
    }

    private static async Task<ISearchCollection> OpenCollectionAsync(
        ISearchDatabase database,
        IngestPlan plan,
        LoadedModel model,
        CancellationToken cancellationToken
    ) =>
        await database.CollectionExistsAsync(plan.Collection, cancellationToken)
            ? await database.GetCollectionAsync(plan.Collection, cancellationToken)
            : await database.CreateCollectionAsync(
                IngestionSchema.Create(plan.Collection, model.Dimension, model.Identity, properties: plan.Fields),
                cancellationToken
            );

    private static IngestionOptions OptionsOf(IngestPlan plan, LoadedModel model) =>
        plan.Options with
        {
            Chunking = new ChunkerOptions
            {
                MaxTokens = plan.Settings.ChunkTokens,
                OverlapTokens = plan.Settings.OverlapTokens,
                CountTokens = model.Generator.CountTokens,
                CountTokensName = model.Identity,
            },
            EmbedPassages = plan.LateChunking ? LoadedModel.PassagesOf(model.Generator) : null,
        };

    private int Report(IngestPlan plan, IngestionReport report)
    {
        if (plan.AsJson)
            console.WriteJson(IngestReport.Of(plan.Collection, report));
        foreach (var warning in report.Warnings)
            console.WriteDiagnostic($"warning: {Describe(warning)}");
        if (report.Failures.Count > 0 && report.Read + report.Skipped == 0)
        {
            var more = report.Failures.Count > 1 ? $" (and {Format.Count(report.Failures.Count - 1)} more)" : string.Empty;
            throw new HostException($"nothing could be read: {Describe(report.Failures[0])}{more}");
        }

        foreach (var failure in report.Failures)
            console.WriteDiagnostic($"failed: {Describe(failure)}");
        if (!plan.AsJson)
            WriteSummary(plan, report);
        // Text that was not read is a failure, at this run or at an earlier one.
        if (report.Failures.Count > 0 || report.Warnings.Count > 0)
            return ExitCode.Partial;
        if (report.Read + report.Skipped + report.Removed + report.Copies > 0)
            return ExitCode.Success;
        console.WriteDiagnostic("nothing to ingest: no file of a known kind there");
        return ExitCode.Partial;
    }

    private void WriteSummary(IngestPlan plan, IngestionReport report)
    {
        var parts = new List<string> { Format.Count(report.Read, "file") + " read", Format.Count(report.Skipped) + " unchanged" };
        if (report.Moved > 0)
            parts.Add(Format.Count(report.Moved) + " of them moved");
        if (report.Copies > 0)
            parts.Add(Format.Count(report.Copies, "copy", "copies") + " of others");
        if (report.Removed > 0)
            parts.Add(Format.Count(report.Removed) + " removed");
        parts.Add(Format.Count(report.Failures.Count) + " failed");
        console.Out.WriteLine((plan.Options.DryRun ? "dry run, nothing was written: " : string.Empty) + string.Join(", ", parts));
        foreach (var kind in report.PassedOver)
            console.Out.WriteLine($"passed over, {kind.Kind}: {NamesOf(kind)}");
        if (plan.Options.DryRun)
            return;
        console.Out.WriteLine(
            $"{Format.Count(report.Documents, "document")} in {Format.Count(report.Chunks, "chunk")} written to collection '{plan.Collection}' in {Format.Seconds(report.Elapsed)}"
        );
    }

    private static string NamesOf(PassedOver kind)
    {
        var names = kind.Examples.Take(MaxNames).Select(SourcePath.ForDisplay);
        var more = kind.Count > MaxNames ? $" and {Format.Count(kind.Count - MaxNames)} more" : string.Empty;
        return string.Join(", ", names) + more;
    }

    private static string Describe(IngestionIssue issue) =>
        (
            issue.Path.Length == 0
                ? string.Empty
                : SourcePath.ForDisplay(issue.Path) + (issue.Line is { } line ? $", line {line}" : string.Empty) + ": "
        ) + issue.Message;
}
