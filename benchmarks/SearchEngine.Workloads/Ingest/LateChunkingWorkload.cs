using SearchEngine.Embeddings;
using SearchEngine.Ingestion;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Workloads.Ingest;

/// <summary>
/// Documents cut as an ingestion cuts them, their passages embedded in several ways, and searched in the engine, a document by its best
/// passage. All ways have the same passages and fields, so that they differ in the vectors alone.
/// </summary>
internal sealed class LateChunkingWorkload(Llm2VecEmbeddingGenerator embedder, int chunkTokens, int minChunks)
{
    private const int Batch = 256;

    private sealed record Cut(BeirDocument Document, List<TextChunk> Chunks);

    public async Task RunAsync(string folder, CancellationToken cancellationToken)
    {
        var data = BeirDataset.Read(folder);
        var chunker = new Chunker(
            new ChunkerOptions
            {
                MaxTokens = chunkTokens,
                OverlapTokens = Math.Min(ChunkerOptions.DefaultOverlapTokens, chunkTokens / 4),
                MinTokens = Math.Min(ChunkerOptions.DefaultMinTokens, chunkTokens / 4),
                CountTokens = embedder.CountTokens,
            }
        );
        List<Cut> cuts =
        [
            .. data.Corpus.Select(d => new Cut(
                d,
                [.. chunker.Cut(new SourceDocument { Title = d.Title, Sections = [new SourceSection([], null, d.Text)] })]
            )),
        ];
        var sizes = cuts.ToDictionary(c => c.Document.Id, c => c.Chunks.Count, StringComparer.Ordinal);
        List<BeirQuery> queries =
        [
            .. data.Queries.Where(q =>
                data.Judgements.TryGetValue(q.Id, out var judged)
                && judged.Any(j => j.Value > 0)
                && judged.Where(j => j.Value > 0).All(j => sizes.GetValueOrDefault(j.Key) >= minChunks)
            ),
        ];
        Console.Error.WriteLine($"{cuts.Count} documents, {sizes.Values.Sum()} passages, {queries.Count} queries");
        var vectors = await embedder.EmbedAsync(
            [.. queries.Select(q => q.Text)],
            EmbeddingRole.Query,
            cancellationToken: cancellationToken
        );
        foreach (var (way, embed) in Ways())
        {
            var before = Environment.CpuUsage.TotalTime;
            var passages = await embed(cuts, cancellationToken);
            var seconds = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            foreach (var (mode, score) in await SearchAsync(data, cuts, passages, queries, vectors, cancellationToken))
            {
                ResultLine.Print(
                    "late-chunking",
                    ("set", Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))),
                    ("chunk_tokens", chunkTokens),
                    ("read_at_once", embedder.MaxLength),
                    ("way", way),
                    ("mode", mode.ToString().ToLowerInvariant()),
                    ("ndcg10", ResultLine.Round(score)),
                    ("queries", queries.Count),
                    ("embed_cpu_s", ResultLine.Round(seconds))
                );
            }
        }
    }

    private IEnumerable<(string Way, Func<List<Cut>, CancellationToken, Task<float[][]>> Embed)> Ways()
    {
        yield return (
            "passages with title and headings",
            (cuts, token) => embedder.EmbedAsync([.. cuts.SelectMany(c => c.Chunks).Select(c => c.EmbeddedText)], cancellationToken: token)
        );
        yield return (
            "passages alone",
            (cuts, token) => embedder.EmbedAsync([.. cuts.SelectMany(c => c.Chunks).Select(c => c.Text)], cancellationToken: token)
        );
        yield return ("late, behind the title", (cuts, token) => LateAsync(cuts, c => c.Text, cut => cut.Document.Title + "\n", token));
        yield return ("late, passages with title and headings", (cuts, token) => LateAsync(cuts, c => c.EmbeddedText, _ => "", token));
    }

    private async Task<float[][]> LateAsync(
        List<Cut> cuts,
        Func<TextChunk, string> text,
        Func<Cut, string> context,
        CancellationToken cancellationToken
    )
    {
        var vectors = new List<float[]>();
        foreach (var cut in cuts)
        {
            vectors.AddRange(
                await embedder.EmbedPassagesAsync([.. cut.Chunks.Select(text)], context(cut), cancellationToken: cancellationToken)
            );
        }

        return [.. vectors];
    }

    private async Task<List<(SearchMode Mode, double Ndcg)>> SearchAsync(
        BeirDataset data,
        List<Cut> cuts,
        float[][] vectors,
        List<BeirQuery> queries,
        float[][] queryVectors,
        CancellationToken cancellationToken
    )
    {
        var directory = Directory.CreateTempSubdirectory("searchengine-late-chunking-").FullName;
        try
        {
            await using var database = await SearchDatabase.OpenAsync(
                new SearchDatabaseOptions
                {
                    Directory = directory,
                    CheckpointInterval = TimeSpan.Zero,
                    Durability = DatabaseDurability.None,
                    Embedder = new EmbedderOptions { Generator = embedder, QueryGenerator = embedder.AsQueryGenerator() },
                },
                cancellationToken
            );
            var collection = await database.CreateCollectionAsync(
                IngestionSchema.Create("passages", embedder.Dimension),
                cancellationToken
            );
            var documents = cuts.SelectMany(c => c.Chunks.Select((chunk, i) => (c.Document, Chunk: chunk, Number: i)))
                .Zip(vectors, (p, vector) => Record(p.Document, p.Chunk, p.Number, vector));
            foreach (var batch in documents.Chunk(Batch))
                await collection.UpsertAsync(batch, cancellationToken);
            var scores = new List<(SearchMode, double)>();
            foreach (var mode in new[] { SearchMode.Vector, SearchMode.Hybrid })
            {
                var sum = 0.0;
                for (var i = 0; i < queries.Count; i++)
                {
                    var found = await collection.FindAsync(
                        new SearchRequest
                        {
                            Mode = mode,
                            Text = mode == SearchMode.Vector ? null : queries[i].Text,
                            Vector = queryVectors[i],
                            Top = 10,
                            GroupBy = IngestionSchema.SourceField,
                        },
                        cancellationToken
                    );
                    sum += RetrievalMetrics.Ndcg(
                        [.. found.Hits.Select(h => h.Document.Get<string>(IngestionSchema.SourceField)!)],
                        data.Judgements[queries[i].Id],
                        10
                    );
                }

                scores.Add((mode, sum / queries.Count));
            }

            return scores;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static Document Record(BeirDocument document, TextChunk chunk, int number, float[] vector) =>
        new(IngestionSchema.Key(document.Id, number))
        {
            [IngestionSchema.TitleField] = document.Title,
            [IngestionSchema.TextField] = chunk.Text,
            [IngestionSchema.HeadingField] = chunk.Heading,
            [IngestionSchema.SourceField] = document.Id,
            [IngestionSchema.DocumentField] = document.Id,
            [IngestionSchema.ChunkField] = number,
            Vectors = { [IngestionSchema.VectorField] = vector },
        };
}
