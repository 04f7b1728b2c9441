using System.Diagnostics;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>Runs a search and writes its hits.</summary>
internal sealed class SearchCommand(CliConsole console)
{
    public async Task<int> RunAsync(SearchPlan plan, CancellationToken cancellationToken)
    {
        DatabaseSession.RequireDatabase(plan.Database);
        using var model = plan.Model is null ? null : LoadedModel.Load(plan.Model);
        await using var database = await DatabaseSession.OpenExistingAsync(plan.Database, model?.ToEmbedder(), cancellationToken);
        var collection = await DatabaseSession.OpenCollectionAsync(database, plan.Database, plan.Collection, cancellationToken);

        var watch = Stopwatch.StartNew();
        var hits = await collection.SearchAsync(RequestOf(plan, collection.Schema), cancellationToken);
        watch.Stop();

        if (plan.AsJson)
            console.WriteJson(SearchReport.Of(plan, hits, watch.Elapsed));
        else
            new HitWriter(console).Write(hits, plan.Explain);
        if (hits.Count > 0) return ExitCode.Success;
        console.WriteDiagnostic($"nothing found for '{plan.Query}' in collection '{plan.Collection}' ({Format.Count(collection.Count, "record")})");
        return ExitCode.Partial;
    }

    private static SearchRequest RequestOf(SearchPlan plan, CollectionSchema schema) => new()
    {
        Text = plan.Query,
        Mode = plan.Mode,
        Top = plan.Top,
        Ef = plan.Settings.Ef,
        Fusion = plan.Settings.ToFusion(),
        Explain = plan.Explain,
        VectorField = plan.Mode == SearchMode.Keyword ? null : ChunkFields.VectorFieldOf(schema),
        SnippetField = ChunkFields.SnippetFieldOf(schema),
        SnippetLength = plan.Settings.SnippetLength,
    };
}
