using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Migration;

namespace SearchEngine.Cli.Commands.Import;

/// <summary>Takes over what another store left: reads it whole, shows the mapping, and only then writes.</summary>
internal sealed class ImportCommand(CliConsole console)
{
    public async Task<int> RunAsync(ImportPlan plan, CancellationToken cancellationToken)
    {
        var store = await ForeignStores.OpenAsync(plan.Path, plan.Store, cancellationToken);
        using var model = plan.Model is null ? null : LoadedModel.Load(plan.Model);
        var mapping = await DecideAsync(plan, store, model, cancellationToken);
        Show(plan, mapping);
        if (plan.AsJson && (plan.DryRun || mapping.Problems.Count > 0))
            console.WriteJson(ImportJson.Of(store, mapping, report: null));
        if (mapping.Problems.Count > 0)
        {
            foreach (var problem in mapping.Problems.Skip(1))
                console.WriteDiagnostic("also: " + problem);
            throw new HostException($"nothing was written: {mapping.Problems[0]}");
        }

        if (plan.DryRun && !Directory.Exists(plan.Database.Directory))
            return ExitCode.Success;
        await using var database = await DatabaseSession.OpenAsync(plan.Database, model?.ToEmbedder(), cancellationToken);
        await Importer.RequireFitAsync(database, mapping, cancellationToken);
        if (plan.DryRun)
            return ExitCode.Success;
        using var progress = new CountProgress(console, "importing", mapping.Rows, "records");
        var report = await Importer.RunAsync(database, store, mapping, progress, cancellationToken);
        if (plan.AsJson)
        {
            console.WriteJson(ImportJson.Of(store, mapping, report));
        }
        else
        {
            console.Out.WriteLine(
                $"{Format.Count(report.Written, "record")} written to collection '{report.Collection}', "
                    + $"{Format.Count(report.Unchanged)} there already"
            );
        }
        return ExitCode.Success;
    }

    private async Task<ImportMapping> DecideAsync(
        ImportPlan plan,
        IForeignStore store,
        LoadedModel? model,
        CancellationToken cancellationToken
    )
    {
        using var progress = new CountProgress(console, "looking at", total: null, "rows");
        var options = plan.Mapping with { EmbedDimension = model?.Dimension ?? 0, EmbeddingModel = model?.Identity };
        var mapping = await ImportMapping.DecideAsync(store, options, progress, cancellationToken);
        if (
            mapping.Embed is null
            && model is not null
            && mapping.Vectors.FirstOrDefault(item => item.Field.Dimension != model.Dimension) is { Field: { } odd }
        )
        {
            throw new HostException(
                $"--same-model: the model makes vectors of {model.Dimension} components, those of '{odd.Name}' have "
                    + $"{odd.Dimension}. Name the model that made them with --model."
            );
        }
        return mapping;
    }

    /// <summary>A dry run's mapping is what was asked for; else it goes beside the data.</summary>
    private void Show(ImportPlan plan, ImportMapping mapping)
    {
        foreach (var line in mapping.Describe())
        {
            if (plan.DryRun && !plan.AsJson)
                console.Out.WriteLine(line);
            else
                console.WriteDiagnostic(line);
        }
    }
}
