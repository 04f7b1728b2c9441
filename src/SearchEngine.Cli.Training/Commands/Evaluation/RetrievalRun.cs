using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>
/// Indexes a labelled corpus in a temporary database, one record per document, and measures the rankings of its queries in one or more
/// modes.
/// </summary>
internal sealed class RetrievalRun(CliConsole console, Settings settings, LoadedModel? model)
{
    private const string TextField = "text";
    private const int WriteBatch = 512;

    /// <summary>The deepest rank that a metric looks at.</summary>
    private const int Depth = 100;

    /// <summary>Indexes once and ranks every query in each mode, fused as the settings say.</summary>
    public Task<IReadOnlyList<Rankings>> RunAsync(BeirDataset set, IReadOnlyList<SearchMode> modes, CancellationToken cancellationToken)
    {
        var fusion = settings.Search.ToFusion();
        return RunAsync(set, [.. modes.Select(mode => new RetrievalVariant(mode.ToString(), mode, fusion))], cancellationToken);
    }

    /// <summary>Indexes once and ranks every query by each variant, in their order.</summary>
    public async Task<IReadOnlyList<Rankings>> RunAsync(
        BeirDataset set,
        IReadOnlyList<RetrievalVariant> variants,
        CancellationToken cancellationToken
    )
    {
        await using var temporary = await TemporaryDatabase.CreateAsync(settings.Database, model?.ToEmbedder(), cancellationToken);
        var collection = await temporary.Database.CreateCollectionAsync(Schema(), cancellationToken);
        await IndexAsync(collection, set.Corpus, cancellationToken);
        // All queries in one call: the embedder batches them by length.
        var vectors = model is null
            ? null
            : await model.Queries.GenerateAsync(set.Queries.Select(query => query.Text), cancellationToken: cancellationToken);

        var rankings = new List<Rankings>(variants.Count);
        foreach (var variant in variants)
            rankings.Add(new Rankings(await SearchAsync(collection, set, variant, vectors, cancellationToken), set.Judgements));
        return rankings;
    }

    private CollectionSchema Schema() =>
        new()
        {
            Name = "evaluation",
            Fields = [new DataField(TextField, DataFieldType.String) { IsFullText = true }],
            Vectors = model is null ? [] : [new VectorField(ChunkFields.Vector, model.Dimension) { SourceField = TextField }],
            EmbeddingModel = model?.Identity,
        };

    private async Task IndexAsync(ISearchCollection collection, IReadOnlyList<BeirDocument> corpus, CancellationToken cancellationToken)
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
        ISearchCollection collection,
        BeirDataset set,
        RetrievalVariant variant,
        GeneratedEmbeddings<Embedding<float>>? vectors,
        CancellationToken cancellationToken
    )
    {
        var rankings = new ConcurrentDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        using var progress = new CountProgress(console, "searching", set.Queries.Count, "queries");
        await Parallel.ForEachAsync(
            Enumerable.Range(0, set.Queries.Count),
            cancellationToken,
            async (index, token) =>
            {
                var query = set.Queries[index];
                var request = new SearchRequest
                {
                    Text = query.Text,
                    Vector = variant.Mode == SearchMode.Keyword ? null : vectors?[index].Vector,
                    Mode = variant.Mode,
                    Top = Depth,
                    Ef = settings.Search.Ef,
                    Fusion = variant.Fusion,
                    Rerank = variant.Rerank,
                };
                var hits = await collection.SearchAsync(request, token);
                rankings[query.Id] = [.. hits.Select(hit => hit.Key.ToString())];
                progress.Add(1);
            }
        );
        return rankings;
    }
}
