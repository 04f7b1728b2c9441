using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Commands.Documents;

/// <summary>Shows the chunks of files as they are stored.</summary>
internal sealed class DocumentShowCommand(CliConsole console)
{
    public async Task<int> RunAsync(DocumentPlan plan, CancellationToken cancellationToken)
    {
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, null, cancellationToken);
        var catalog = new DocumentCatalog(
            await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Collection, cancellationToken)
        );
        foreach (var file in DocumentSelection.Of(catalog, plan))
        {
            if (plan.AsJson)
            {
                console.WriteJson(new { file = DocumentReport.Of(file), chunks = catalog.Chunks(file).Select(c => c.Fields) });
                continue;
            }

            foreach (var chunk in catalog.Chunks(file))
            {
                var place = new[]
                {
                    chunk.Key.ToString(),
                    ChunkFields.TextOf(chunk, ChunkFields.Title),
                    ChunkFields.TextOf(chunk, ChunkFields.Heading),
                };
                console.Out.WriteLine("# " + string.Join(" › ", place.Where(p => p is not null)));
                console.Out.WriteLine(ChunkFields.TextOf(chunk, ChunkFields.Text));
                console.Out.WriteLine();
            }
        }

        return ExitCode.Success;
    }
}
