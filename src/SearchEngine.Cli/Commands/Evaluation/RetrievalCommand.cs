using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.AI;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>Indexes a labelled corpus in a temporary database, one record per document, and measures the rankings of its queries.</summary>
internal sealed class RetrievalCommand(CliConsole console)
{
    private const string TextField = "text";
    private const int WriteBatch = 512;

    public async Task<int> RunAsync(RetrievalPlan plan, CancellationToken cancellationToken)
    {
        var set = BeirSet.Read(plan.Folder, plan.Split);
        using var model = plan.Model is null ? null : LoadedModel.Load(plan.Model);
        await using var temporary = await TemporaryDatabase.CreateAsync(plan.Settings.Database, model?.ToEmbedder(), cancellationToken);
        var collection = await temporary.Database.CreateCollectionAsync(SchemaOf(model), cancellationToken);

        await IndexAsync(collection, set.Corpus, cancellationToken);
        var runs = await SearchAsync(collection, set, plan, model, cancellationToken);
        var metrics = RankingMetrics.Of(runs, set.Corpus.Count);
        if (plan.AsJson)
            console.WriteJson(metrics);
        else
            Write(plan, metrics);
        return ExitCode.Success;
    }

    private static CollectionSchema SchemaOf(LoadedModel? model) => new()
    {
        Name = "evaluation",
        Fields = [new DataField(TextField, DataFieldType.String) { IsFullText = true }],
        Vectors = model is null ? [] : [new VectorField(ChunkFields.Vector, model.Dimension) { SourceField = TextField }],
        EmbeddingModel = model?.Identity,
    };

    private async Task IndexAsync(SearchCollection collection, IReadOnlyList<BeirSet.Passage> corpus, CancellationToken cancellationToken)
    {
        using var progress = new CountProgress(console, "indexing", corpus.Count, "documents");
        foreach (var batch in corpus.Chunk(WriteBatch))
        {
            var documents = Array.ConvertAll(batch, passage => new Document(passage.Id) { [TextField] = passage.Text });
            await collection.UpsertAsync(documents, cancellationToken);
            progress.Add(batch.Length);
        }
    }

    private async Task<IReadOnlyList<(IReadOnlyDictionary<string, int> Relevant, IReadOnlyList<string> Ranked)>> SearchAsync(
        SearchCollection collection, BeirSet set, RetrievalPlan plan, LoadedModel? model, CancellationToken cancellationToken)
    {
        // All queries in one call: the embedder batches them by length.
        var vectors = model is null ? null : await model.Queries.GenerateAsync(set.Queries.Select(query => query.Text), cancellationToken: cancellationToken);
        var runs = new ConcurrentDictionary<int, (IReadOnlyDictionary<string, int>, IReadOnlyList<string>)>();
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
                    Top = RankingMetrics.Depth,
                    Ef = plan.Settings.Search.Ef,
                    Fusion = plan.Settings.Search.ToFusion(),
                },
                token);
            runs[index] = (set.Judgements[query.Id], [.. hits.Select(hit => hit.Key.ToString())]);
            progress.Add(1);
        });
        return [.. Enumerable.Range(0, set.Queries.Count).Select(index => runs[index])];
    }

    private void Write(RetrievalPlan plan, RankingMetrics metrics)
    {
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(plan.Folder.TrimEnd('/', '\\'))} ({plan.Split}), {plan.Mode.ToString().ToLowerInvariant()}: {metrics.Documents} documents, {metrics.Queries} queries"));
        console.Out.WriteLine($"nDCG@10     {Format.Score(metrics.Ndcg10)}");
        console.Out.WriteLine($"Recall@100  {Format.Score(metrics.Recall100)}");
        console.Out.WriteLine($"MRR@10      {Format.Score(metrics.Mrr10)}");
    }
}
