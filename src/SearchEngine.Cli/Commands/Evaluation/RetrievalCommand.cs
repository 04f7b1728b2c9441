using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Indexes a labelled corpus in a temporary database, one record per document, and measures the rankings of its queries.</summary>
internal sealed class RetrievalCommand(CliConsole console)
{
    private const string TextField = "text";
    private const int WriteBatch = 512;

    /// <summary>The deepest rank that a metric looks at.</summary>
    private const int Depth = 100;

    public async Task<int> RunAsync(RetrievalPlan plan, CancellationToken cancellationToken)
    {
        var set = BeirDataset.Read(plan.Folder, plan.Split);
        using var model = plan.Model is null ? null : LoadedModel.Load(plan.Model);
        await using var temporary = await TemporaryDatabase.CreateAsync(plan.Settings.Database, model?.ToEmbedder(), cancellationToken);
        var collection = await temporary.Database.CreateCollectionAsync(SchemaOf(model), cancellationToken);

        await IndexAsync(collection, set.Corpus, cancellationToken);
        var rankings = await SearchAsync(collection, set, plan, model, cancellationToken);
        var scores = RetrievalMetrics.Score(rankings, set.Judgements);
        if (plan.AsJson)
            console.WriteJson(RetrievalReport.Of(scores, set.Corpus.Count));
        else
            Write(plan, scores, set.Corpus.Count);
        return ExitCode.Success;
    }

    private static CollectionSchema SchemaOf(LoadedModel? model) => new()
    {
        Name = "evaluation",
        Fields = [new DataField(TextField, DataFieldType.String) { IsFullText = true }],
        Vectors = model is null ? [] : [new VectorField(ChunkFields.Vector, model.Dimension) { SourceField = TextField }],
        EmbeddingModel = model?.Identity,
    };

    private async Task IndexAsync(SearchCollection collection, IReadOnlyList<BeirDocument> corpus, CancellationToken cancellationToken)
    {
        using var progress = new CountProgress(console, "indexing", corpus.Count, "documents");
        foreach (var batch in corpus.Chunk(WriteBatch))
        {
            var documents = Array.ConvertAll(batch, document => new Document(document.Id) { [TextField] = document.FullText });
            await collection.UpsertAsync(documents, cancellationToken);
            progress.Add(batch.Length);
        }
    }

    private async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> SearchAsync(
        SearchCollection collection, BeirDataset set, RetrievalPlan plan, LoadedModel? model, CancellationToken cancellationToken)
    {
        // All queries in one call: the embedder batches them by length.
        var vectors = model is null ? null : await model.Queries.GenerateAsync(set.Queries.Select(query => query.Text), cancellationToken: cancellationToken);
        var rankings = new ConcurrentDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        using var progress = new CountProgress(console, "searching", set.Queries.Count, "queries");
        await Parallel.ForEachAsync(Enumerable.Range(0, set.Queries.Count), cancellationToken, async (index, token) =>
        {
            var query = set.Queries[index];
            var hits = await collection.SearchAsync(
                new SearchRequest
                {
                    Text = query.Text,
                    Vector = vectors?[index].Vector,
                    Mode = plan.Mode,
                    Top = Depth,
                    Ef = plan.Settings.Search.Ef,
                    Fusion = plan.Settings.Search.ToFusion(),
                },
                token);
            rankings[query.Id] = [.. hits.Select(hit => hit.Key.ToString())];
            progress.Add(1);
        });
        return rankings;
    }

    private void Write(RetrievalPlan plan, RetrievalScores scores, int documents)
    {
        var name = Path.GetFileName(plan.Folder.TrimEnd(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar));
        console.Out.WriteLine($"{name} ({plan.Split}), {plan.Mode.ToString().ToLowerInvariant()}: {Format.Count(documents, "document")}, {Format.Count(scores.Queries, "query", "queries")}");
        console.Out.WriteLine($"nDCG@10     {Format.Score(scores.NdcgAt10)}");
        console.Out.WriteLine($"Recall@100  {Format.Score(scores.RecallAt100)}");
        console.Out.WriteLine($"MRR@10      {Format.Score(scores.MrrAt10)}");
    }
}
