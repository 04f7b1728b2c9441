using SearchEngine.TestSupport;
using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

/// <summary>What docs/search.md shows of words is so: every row of its table.</summary>
public sealed class SearchDocumentTests : IDisposable
{
    private readonly IndexFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    public static TheoryData<string, string> Rows
    {
        get
        {
            var lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "search.md"));
            var rows = new TheoryData<string, string>();
            foreach (var line in lines.SkipWhile(l => l != "| text | query |").Skip(2).TakeWhile(l => l.StartsWith('|')))
            {
                var cells = line.Trim('|').Split('|', StringSplitOptions.TrimEntries);
                rows.Add(cells[0], cells[1]);
            }

            Assert.True(rows.Count >= 15, $"{rows.Count} rows");
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_text_is_found_by_the_query(string text, string query)
    {
        using var index = _fixture.Open();
        index.Add([Doc(1, "nothing of that sort stands here"), Doc(2, text)]);
        index.Refresh();
        Assert.Equal([2], Search(index, query));
    }
}
