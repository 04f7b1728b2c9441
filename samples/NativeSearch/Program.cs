// A small search program that is compiled to machine code: no runtime to install, an answer in a tenth of a second.
//
// dotnet publish -c Release samples/NativeSearch -o out
// out/NativeSearch fill DATA FOLDER       the paragraphs of the folder's Markdown files
// out/NativeSearch search DATA "QUERY"    hybrid, or [keyword|vector] as a third argument

using SearchEngine;
using SearchEngine.Embeddings;

const string Text = "text";
const string Source = "source";

if (args is not [("fill" or "search") and var verb, var data, var what, ..])
{
    Console.Error.WriteLine("NativeSearch fill DATA FOLDER | NativeSearch search DATA QUERY [hybrid|keyword|vector]");
    return 2;
}

var mode = args.Length > 3 ? Enum.Parse<SearchMode>(args[3], ignoreCase: true) : SearchMode.Hybrid;

// Words need no model, and a process that looks for words alone need not load one.
using var model =
    mode == SearchMode.Keyword ? null : Llm2VecEmbeddingGenerator.Load(Path.Combine(AppContext.BaseDirectory, "models", "default"));
await using var database = await SearchDatabase.OpenAsync(
    new SearchDatabaseOptions
    {
        Directory = data,
        ReadOnly = verb == "search",
        Embedder = model is null ? null : new EmbedderOptions { Generator = model, QueryGenerator = model.AsQueryGenerator() },
    }
);

if (verb == "fill")
{
    var texts = await database.GetOrCreateCollectionAsync(
        new CollectionSchema
        {
            Name = "texts",
            Fields =
            [
                new DataField(Text, DataFieldType.String) { IsFullText = true },
                new DataField(Source, DataFieldType.String) { IsFilterable = true },
            ],
            Vectors = [new VectorField("meaning", model!.Dimension) { SourceField = Text }],
        }
    );
    var written = 0;
    foreach (var path in Directory.EnumerateFiles(what, "*.md").Order(StringComparer.Ordinal))
    {
        var name = Path.GetFileName(path);
        var paragraphs = (await File.ReadAllTextAsync(path)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var documents = paragraphs.Select((text, i) => new Document($"{name}#{i}") { [Text] = text, [Source] = name }).ToArray();
        await texts.UpsertAsync(documents);
        written += documents.Length;
    }

    Console.WriteLine($"{written} paragraphs");
    return 0;
}

var collection = await database.GetCollectionAsync("texts");
if (collection is null)
{
    Console.Error.WriteLine($"{data} holds nothing yet: fill it first.");
    return 1;
}

var hits = await collection.SearchAsync(
    new SearchRequest
    {
        Text = what,
        Mode = mode,
        Top = 3,
        SnippetField = Text,
        CorrectSpelling = true,
    }
);
foreach (var hit in hits)
    Console.WriteLine($"{hit.Score:F4}  {hit.Key}  {hit.Snippet?.Text}");
return 0;
