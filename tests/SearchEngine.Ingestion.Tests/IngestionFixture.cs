using Microsoft.Extensions.AI;
using SearchEngine.TestSupport;

namespace SearchEngine.Ingestion.Tests;

/// <summary>A folder of files, a database, and a collection for them.</summary>
internal sealed class IngestionFixture : IAsyncDisposable
{
    public TempFolder Files { get; } = new();

    public TemporaryDirectory Data { get; } = new();

    public HashingEmbeddingGenerator Embedder { get; } = new();

    public SearchDatabase Database { get; private set; } = null!;

    public SearchCollection Collection { get; private set; } = null!;

    public static async Task<IngestionFixture> CreateAsync(IEmbeddingGenerator<string, Embedding<float>>? embedder = null)
    {
        var fixture = new IngestionFixture();
        await fixture.OpenAsync(embedder);
        return fixture;
    }

    public async Task OpenAsync(IEmbeddingGenerator<string, Embedding<float>>? embedder = null)
    {
        Database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions
            {
                Directory = Data.FullPath,
                Embedder = new EmbedderOptions { Generator = embedder ?? Embedder },
                MemoryBytes = 32 << 20,
            }
        );
        Collection = await Database.GetOrCreateCollectionAsync(IngestionSchema.Create("docs", Embedder.Dimension));
    }

    public Task<IngestionReport> IngestAsync(IngestionOptions? options = null, params string[] paths) =>
        new FolderIngestor(Collection, options).IngestAsync(paths.Length == 0 ? [Files.Path] : paths);

    /// <summary>Each stored file with the number of its chunks; fails if keys, state and fields disagree.</summary>
    public Dictionary<string, int> Stored()
    {
        var files = new Dictionary<string, int>();
        foreach (var document in Collection.Query(new RecordQuery()))
        {
            var source = document.Get<string>(IngestionSchema.SourceField)!;
            Assert.Equal($"{source}#{document.Get<int>(IngestionSchema.ChunkField)}", document.Key.ToString());
            files[source] = files.GetValueOrDefault(source) + 1;
        }
        foreach ((var name, var value) in Collection.ListMetadata(FileState.Prefix))
        {
            var state = FileState.Decode(value)!;
            var source = name[FileState.Prefix.Length..];
            if (state.Complete)
                Assert.Equal(state.Chunks, files.GetValueOrDefault(source));
            else
                Assert.True(files.GetValueOrDefault(source) <= state.Chunks);
        }
        Assert.All(files.Keys, source => Assert.NotNull(Collection.GetMetadata(FileState.Name(source))));
        return files;
    }

    public async Task<string[]> SearchAsync(string text) =>
        [
            .. (await Collection.SearchAsync(new SearchRequest { Text = text, Top = 5 })).Select(h =>
                Path.GetFileName(h.Document.Get<string>(IngestionSchema.SourceField)!)
            ),
        ];

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Data.Dispose();
        Files.Dispose();
    }
}
