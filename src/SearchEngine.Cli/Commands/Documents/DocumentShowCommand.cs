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
        var catalog = await DocumentCatalog.OpenAsync(
            await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Collection, cancellationToken),
            cancellationToken
        );
        foreach (var file in await DocumentSelection.OfAsync(catalog, plan, cancellationToken))
        {
            if (plan.AsJson)
            {
                var chunks = await catalog.ChunksAsync(file, cancellationToken).ToListAsync(cancellationToken);
                console.WriteJson(new { file = DocumentReport.Of(file), chunks = chunks.Select(c => c.Fields) });
                continue;
            }

            await foreach (var chunk in catalog.ChunksAsync(file, cancellationToken))
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
