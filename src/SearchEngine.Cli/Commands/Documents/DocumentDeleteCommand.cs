using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Documents;

/// <summary>Deletes files from a collection.</summary>
internal sealed class DocumentDeleteCommand(CliConsole console)
{
    public async Task<int> RunAsync(DocumentPlan plan, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        var catalog = await DocumentCatalog.OpenAsync(
            await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Collection, cancellationToken),
            cancellationToken
        );
        var files = await DocumentSelection.OfAsync(catalog, plan, cancellationToken);
        foreach (var file in plan.IsDryRun ? [] : files)
            await catalog.DeleteAsync(file, cancellationToken);
        DocumentPruneCommand.Write(console, plan, [.. files.Select(f => f.Source)]);
        return ExitCode.Success;
    }
}
