using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Documents;

/// <summary>Deletes from a collection the files that are no longer on the disk.</summary>
internal sealed class DocumentPruneCommand(CliConsole console)
{
    public async Task<int> RunAsync(DocumentPlan plan, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        var catalog = await DocumentCatalog.OpenAsync(
            await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Collection, cancellationToken),
            cancellationToken
        );
        Write(console, plan, await catalog.PruneAsync(plan.IsDryRun, cancellationToken));
        return ExitCode.Success;
    }

    internal static void Write(CliConsole console, DocumentPlan plan, IReadOnlyList<string> sources)
    {
        if (plan.AsJson)
        {
            console.WriteJson(
                new
                {
                    collection = plan.Collection,
                    dryRun = plan.IsDryRun,
                    deleted = sources,
                }
            );
            return;
        }

        foreach (var source in sources)
            console.Out.WriteLine($"{(plan.IsDryRun ? "would delete" : "deleted")} {source}");
        if (sources.Count == 0)
            console.WriteDiagnostic("nothing to delete");
    }
}
