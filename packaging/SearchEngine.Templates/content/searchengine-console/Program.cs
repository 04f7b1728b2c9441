using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.VectorData;
using SearchEngine.SemanticKernel;

await using var services = new ServiceCollection().AddSearchEngine(o => o.Directory = "data").BuildServiceProvider();
var store = services.GetRequiredService<SearchEngineVectorStore>();
var notes = store.GetCollection<string, Note>("notes");
await notes.EnsureCollectionExistsAsync();
await notes.UpsertAsync([
    new Note { Id = "bread", Text = "The cast iron pot keeps the steam in while the loaf bakes." },
    new Note { Id = "heart", Text = "The heart pumps blood through the vessels of the body." },
    new Note { Id = "volcano", Text = "Volcanoes erupt where the plates of the crust drift apart or meet." },
]);

var query = args.Length > 0 ? string.Join(' ', args) : "a cardiologist listens to the heart";
await foreach (var hit in notes.HybridSearchAsync(query, query.Split(' '), top: 3))
{
    Console.WriteLine($"{hit.Score:0.000} {hit.Record.Text}");
}

public sealed class Note
{
    [VectorStoreKey]
    public string Id { get; set; } = "";

    [VectorStoreData(IsFullTextIndexed = true)]
    public string Text { get; set; } = "";

    // What is embedded: the shipped model makes vectors of 384 dimensions.
    [VectorStoreVector(384)]
    public string Embedding => Text;
}
