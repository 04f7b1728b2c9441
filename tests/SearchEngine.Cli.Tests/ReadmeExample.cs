using SearchEngine.Embeddings;

namespace SearchEngine.Cli.Tests;

/// <summary>The library example of README.md: it is here to be compiled, and a test keeps the two the same.</summary>
internal static class ReadmeExample
{
    public static async Task RunAsync()
    {
        // README begin
        using var model = Llm2VecEmbeddingGenerator.Load(new Llm2VecOptions { ModelPath = "models/default" });
        await using var database = await SearchDatabase.OpenAsync(
            new()
            {
                Directory = "data",
                Embedder = new() { Generator = model },
            }
        );
        var notes = await database.GetOrCreateCollectionAsync(
            new()
            {
                Name = "notes",
                Fields = [new("text", DataFieldType.String) { IsFullText = true }],
                Vectors = [new("vector", model.Dimension) { SourceField = "text" }],
            }
        );
        await notes.UpsertAsync(new Document("1") { ["text"] = "The cast iron pot keeps the steam in while the loaf bakes." });
        foreach (var hit in await notes.SearchAsync(new() { Text = "how do I get a crisp crust" }))
            Console.WriteLine($"{hit.Score:0.000} {hit.Document["text"]}");
        // README end
    }
}
