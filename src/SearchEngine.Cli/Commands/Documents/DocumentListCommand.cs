using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Documents;

/// <summary>Lists files with their chunks and bytes.</summary>
internal sealed class DocumentListCommand(CliConsole console)
{
    public async Task<int> RunAsync(DocumentPlan plan, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        var catalog = await DocumentCatalog.OpenAsync(
            await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Collection, cancellationToken),
            cancellationToken
        );
        var files = await DocumentSelection.OfAsync(catalog, plan, cancellationToken);
        if (plan.AsJson)
        {
            console.WriteJson(files.Select(DocumentReport.Of));
            return ExitCode.Success;
        }

        foreach (var file in files)
            console.Out.WriteLine($"{file.Source}\t{Describe(file)}");
        console.WriteDiagnostic($"{Format.Count(files.Count, "file")} in collection '{plan.Collection}'");
        return ExitCode.Success;
    }

    private static string Describe(IngestedFile file) =>
        file switch
        {
            { SameAs: { } owner } => $"the same as {owner}",
            { IsComplete: false } => $"incomplete, {Format.Count(file.Chunks, "chunk")} so far",
            _ => $"{Format.Count(file.Chunks, "chunk")}, {Format.Bytes(file.Bytes)}"
                + (file.Problems.Count == 0 ? string.Empty : $", {Format.Count(file.Problems.Count, "problem")}"),
        };
}
