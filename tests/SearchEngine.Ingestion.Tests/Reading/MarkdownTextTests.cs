namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>Words of Markdown that programs which show it treat as markup, or leave out.</summary>
public sealed class MarkdownTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Extracted Of(string text) => Extracted.Of(_folder.Write("a.md", text));

    [Theory]
    [InlineData("Call it with {orderid} or {{ lineno }}, or pre{fix}ed.\n", "orderid lineno pre fix ed")]
    [InlineData(":::tip[Mind the gap]\ntext\n:::\n", "Mind the gap text")]
    [InlineData("::: {.callout-note title=\"Mind the gap\"}\ntext\n:::\n", "Mind the gap text")]
    [InlineData("!!! warning \"Hot surface\"\n    text\n", "Hot surface text")]
    [InlineData("> [!NOTE] Read this\n> text\n", "Read this text")]
    [InlineData("---\ntitle: One\n---\n# Other heading\n\ntext\n", "One Other heading text")]
    [InlineData("---\ntitle: One\ndescription: what it is about\n---\ntext\n", "One what it is about text")]
    [InlineData("Text.[^a]\n\n[^a]: noted\n[^b]: nobody refers to this\n", "noted nobody refers to this")]
    [InlineData("Plain text.\n\n*[HTML]: Hypertext Markup Language\n", "HTML Hypertext Markup Language")]
    [InlineData("HTML is used.\n\n*[HTML]: Hypertext Markup Language\n", "HTML Hypertext Markup Language used")]
    public void What_is_written_is_found(string text, string words) => Of(text).Has(words.Split(' '), text);

    [Fact]
    public void A_note_that_is_referred_to_stays_a_note()
    {
        var extracted = Of("Text.[^a] More.[^A]\n\n[^a]: noted\n");

        Assert.DoesNotContain("[^", extracted.Text);
        extracted.Has(["noted"]);
    }

    [Fact]
    public void A_long_list_in_front_matter_is_text_to_its_end()
    {
        var tags = Enumerable.Range(0, 12_000).Select(i => $"t{i}").ToList();

        Of($"---\ntags: [{string.Join(',', tags.Take(10_500))}]\n---\nbody\n").Has(["t0", "t9999", "t10400", "body"]);
    }
}
