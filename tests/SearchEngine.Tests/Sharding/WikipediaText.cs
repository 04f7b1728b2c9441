using System.Text.RegularExpressions;
using SearchEngine.TestSupport;

namespace SearchEngine.Tests.Sharding;

/// <summary>The sentences of samples/wikipedia as records of a collection.</summary>
internal static partial class WikipediaText
{
    public const int Dimension = 48;

    private static readonly HashingEmbeddingGenerator Embedder = new(Dimension);

    private static readonly Lazy<(string Article, string Text)[]> Read = new(() =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Repository.Root, "samples", "wikipedia"), "*.md")
                .Order(StringComparer.Ordinal)
                .SelectMany(file =>
                    File.ReadLines(file)
                        .SelectMany(line => SentenceEnd().Split(line))
                        .Where(sentence => sentence.Length > 40)
                        .Select(sentence => (Article: Path.GetFileNameWithoutExtension(file), Text: sentence))
                )
                .DistinctBy(sentence => sentence.Text),
        ]
    );

    /// <summary>All sentences, in the order of the files.</summary>
    public static IReadOnlyList<(string Article, string Text)> Sentences => Read.Value;

    public static EmbedderOptions Options => new() { Generator = Embedder };

    /// <summary>The schema, with a vector that is searched exactly and one that a graph is made of.</summary>
    public static CollectionSchema Schema(string name) =>
        new()
        {
            Name = name,
            KeyKind = RecordKeyKind.Int32,
            Fields =
            [
                new DataField("text", DataFieldType.String) { IsFullText = true },
                new DataField("title", DataFieldType.String)
                {
                    IsFullText = true,
                    IsFilterable = true,
                    Boost = 2,
                },
                new DataField("length", DataFieldType.Int32) { IsFilterable = true },
                new DataField("weight", DataFieldType.Double) { IsFilterable = true },
                new DataField("day", DataFieldType.DateOnly) { IsFilterable = true },
                new DataField("letters", DataFieldType.String) { IsFilterable = true, IsList = true },
                new DataField("note", DataFieldType.String),
            ],
            Vectors =
            [
                new VectorField("exact", Dimension) { Index = VectorIndexKind.Flat, SourceField = "text" },
                new VectorField("graph", Dimension),
                new VectorField("topic", Dimension) { Index = VectorIndexKind.Flat },
            ],
        };

    public static Document Record(int key, int sentence)
    {
        var (article, text) = Sentences[sentence];
        var document = new Document(key)
        {
            ["text"] = text,
            ["title"] = article.Replace('-', ' '),
            ["length"] = text.Length,
            ["weight"] = (sentence * 7919 % 1000) / 10.0,
            ["day"] = new DateOnly(2020, 1, 1).AddDays(sentence * 31 % 2000),
            ["letters"] = article.Where(char.IsLetter).Take(3).Select(letter => letter.ToString()).Distinct().ToArray(),
            ["note"] = sentence % 5 == 0 ? "fifth" : null,
        };
        document.Vectors["graph"] = Embedder.Embed(text);
        // Some records have no vector of their topic.
        if (sentence % 11 != 0)
            document.Vectors["topic"] = Embedder.Embed(article);
        return document;
    }

    /// <summary>A query: words of a sentence, in their order, some of them misspelt where asked for.</summary>
    public static string Query(Random random, bool misspells)
    {
        var words = Sentences[random.Next(Sentences.Count)].Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var start = random.Next(Math.Max(1, words.Length - 5));
        var taken = words.Skip(start).Take(1 + random.Next(5)).ToArray();
        if (misspells && taken[0].Length > 4)
            taken[0] = taken[0].Remove(2, 1);
        return string.Join(' ', taken);
    }

    [GeneratedRegex(@"(?<=[.!?]) +")]
    private static partial Regex SentenceEnd();
}
