using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>Reads an export into its collection, making it if it is not there.</summary>
internal sealed class CollectionImportCommand(CliConsole console)
{
    public async Task<int> RunAsync(CollectionImportPlan plan, CancellationToken cancellationToken)
    {
        if (!File.Exists(plan.File))
            throw new HostException($"There is no file {plan.File}.");
        await using var input = new FileStream(
            plan.File,
            FileMode.Open,
            FileAccess.Read,
            FileShare.Read,
            bufferSize: 1 << 16,
            useAsync: true
        );
        using var model = plan.Model is null ? null : LoadedModel.Load(plan.Model);
        await using var database = await DatabaseSession.OpenAsync(plan.Database, model?.ToEmbedder(), cancellationToken);
        using var progress = new CountProgress(console, "importing", total: null, "records");
        var records =
            plan.Format == ExchangeFormat.Parquet
                ? await ParquetImport.ReadAsync(database, input, plan.Name, progress, cancellationToken)
                : await CollectionImport.ReadAsync(database, input, plan.Name, progress, cancellationToken: cancellationToken);
        if (plan.AsJson)
            console.WriteJson(new { file = plan.File, records });
        else
            console.Out.WriteLine($"{Format.Count(records, "record")} imported from {plan.File}");
        return ExitCode.Success;
    }
}
