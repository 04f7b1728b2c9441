using System.Text;

namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>Letters and marks become what people type; the tests run with invariant globalization, as the programs do.</summary>
public sealed class TextCompositionTests
{
    [Theory]
    [InlineData("cafe\u0301", "caf\u00e9")]
    [InlineData("a\u0323\u0302", "\u1ead")]
    [InlineData("a\u0302\u0323", "\u00e2\u0323")]
    [InlineData("\u0435\u0308\u0436\u0438\u043a \u0438\u0306", "\u0451\u0436\u0438\u043a \u0439")]
    [InlineData("\u03b1\u0301", "\u03ac")]
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00")]
    [InlineData("\u0301x q\u0301", "\u0301x q\u0301")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    public void Marks_join_their_letters(string text, string composed) => Assert.Equal(composed, TextComposition.Compose(text));

    [Fact]
    public async Task Decomposed_files_are_found_by_what_is_typed()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.md", "# Mu\u0308nchen\n\nDas Cafe\u0301 im Su\u0308den.");
        fixture.Files.Write("b.md", "Something else.");

        await fixture.IngestAsync();

        var found = await fixture.Collection.SearchAsync(new SearchRequest { Text = "s\u00fcden", Mode = SearchMode.Keyword });
        Assert.Equal("a.md", Path.GetFileName((string)Assert.Single(found).Document["source"]!));
        Assert.Equal("M\u00fcnchen", found[0].Document["title"]);
    }
}
