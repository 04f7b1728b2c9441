namespace SearchEngine.Lexical.Tests;

/// <summary>A temporary directory and short ways to make documents.</summary>
internal sealed class IndexFixture : IDisposable
{
    public static readonly LexicalSchema Schema = new()
    {
        Fields =
        [
            new LexicalField
            {
                Name = "title",
                IsFullText = true,
                Boost = 1.5f,
            },
            new LexicalField { Name = "text", IsFullText = true },
            new LexicalField { Name = "tag", IsFilterable = true },
            new LexicalField
            {
                Name = "year",
                Kind = LexicalFieldKind.Int64,
                IsFilterable = true,
            },
        ],
    };

    public string Path { get; } = Directory.CreateTempSubdirectory("lexical-").FullName;

    public LexicalIndex Open(LexicalSchema? schema = null, long? generation = null) =>
        LexicalIndex.Open(Path, schema ?? Schema, generation);

    public static LexicalDocument Doc(int ordinal, string text, string? title = null, string? tag = null, long? year = null) =>
        new(ordinal, [("title", title), ("text", text), ("tag", tag), ("year", year)]);

    public static int[] Search(LexicalIndex index, string text, int top = 10) =>
        [.. index.Search(new LexicalQuery { Text = text, Top = top }).Select(h => h.Ordinal)];

    public static int[] All(LexicalIndex index)
    {
        var ordinals = new List<int>();
        index.ForEachOrdinal(ordinals.Add);
        ordinals.Sort();
        return [.. ordinals];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
