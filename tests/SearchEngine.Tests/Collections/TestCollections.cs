using SearchEngine.TestSupport;
using SearchEngine.Vectors;

namespace SearchEngine.Tests.Collections;

/// <summary>A small database with a collection of books.</summary>
internal static class TestCollections
{
    public const int Dimension = 64;

    public static readonly HashingEmbeddingGenerator Embedder = new(Dimension);

    public static readonly CollectionSchema Books = new()
    {
        Name = "Books & more",
        EmbeddingModel = "hashing@1",
        Fields =
        [
            new DataField("title", DataFieldType.String) { IsFullText = true, IsFilterable = true },
            new DataField("text", DataFieldType.String) { IsFullText = true },
            new DataField("year", DataFieldType.Int32) { IsFilterable = true },
            new DataField("price", DataFieldType.Decimal),
            new DataField("tags", DataFieldType.String) { IsList = true, IsFilterable = true },
        ],
        Vectors = [new VectorField("vector", Dimension) { SourceField = "text" }],
    };

    public static SearchDatabaseOptions Options(string directory, string identity = "hashing@1") =>
        new()
        {
            Directory = directory,
            Embedder = new EmbedderOptions { Generator = Embedder, Identity = identity },
            MemoryBytes = 16 << 20,
        };

    public static Document Book(string key, string title, string text, int? year = null, decimal? price = null, params string[] tags) =>
        new(key)
        {
            ["title"] = title,
            ["text"] = text,
            ["year"] = year,
            ["price"] = price,
            ["tags"] = tags.Length == 0 ? null : tags,
        };

    public static readonly Document[] Shelf =
    [
        Book("moby", "Moby-Dick", "A whaling ship hunts the white whale across the oceans.", 1851, 9.99m, "sea", "classic"),
        Book("emma", "Emma", "A clever young woman meddles in the marriages of her neighbours.", 1815, 7.50m, "society", "classic"),
        Book("dune", "Dune", "On a desert planet a duke's son rides giant worms and leads a people.", 1965, 12m, "space"),
        Book("walden", "Walden", "Two years alone in a cabin by a pond in the woods.", 1854, null, "nature", "classic"),
        Book("untitled", "Untitled", "A manuscript without a year about ships in harbours."),
    ];
}
