namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>Markup in which a hundred thousand elements are open at once is refused before a parser is given it; pages as they are, are not.</summary>
public sealed class MarkupDepthTests : IDisposable
{
    private const int Many = MarkupDepth.MostElements + 1;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> TooDeep =>
        [
            Repeat("<div>"),
            Repeat("<div/>"),
            Repeat("<b><p>"),
            Repeat("<table><tr><td>"),
            "<svg>" + Repeat("<g>"),
            Repeat("<script></script><div>"),
            Repeat("<!-- </div> --><em>"),
        ];

    public static TheoryData<string> Fine =>
        [
            Repeat("<p>text"),
            Repeat("<li>text<br>"),
            Repeat("<div>text</div>"),
            Repeat("<tr><td>text"),
            "<svg>" + Repeat("<path d='M0 0'/>") + "</svg>text",
            "<script>" + Repeat("if(a<b&&c<d)") + "</script>text",
            "<style>" + Repeat("a<b") + "</style>text",
            "<!--" + Repeat("<div>") + "-->text",
            "text " + Repeat("1 < 2 "),
        ];

    [Theory]
    [MemberData(nameof(TooDeep))]
    public void What_is_too_deep_is_refused_by_name(string html)
    {
        var refusal = Assert.Throws<SourceFormatException>(() => TempFolder.Read(new HtmlReader(), _folder.Write("a.html", html)));
        Assert.Contains("elements are in each other", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Fine))]
    public void What_is_only_long_is_read(string html)
    {
        MarkupDepth.RequireHtml(html);
        // Parsed where that is cheap: a hundredth of it.
        var part =
            html.Length > 50_000 ? string.Concat(html.AsSpan(0, html.Length / 100 / 12 * 12), "</script></style>--></svg>text") : html;
        Assert.Contains(
            "text",
            Assert.Single(TempFolder.Read(new HtmlReader(), _folder.Write("a.html", part))).Sections[^1].Text,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("> ")]
    [InlineData(">")]
    [InlineData("- ")]
    [InlineData("> - ")]
    public void Markdown_that_is_too_deep_is_read_as_lines(string mark)
    {
        var text = string.Concat(Enumerable.Repeat(mark, 100_000)) + "buried";
        Assert.True(MarkupDepth.IsTooDeepMarkdown(text));
        var warnings = new List<string>();
        var document = MarkdownReader.Parse("# Title\n\n" + text, "a.md", (warning, _) => warnings.Add(warning));
        Assert.Contains(document!.Sections, section => section.Text.Contains("buried", StringComparison.Ordinal));
        Assert.Contains("in each other", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_and_lists_are_not_deep()
    {
        Assert.False(MarkupDepth.IsTooDeepMarkdown(new string('-', 5_000)));
        Assert.False(MarkupDepth.IsTooDeepMarkdown(new string('*', 5_000)));
        Assert.False(MarkupDepth.IsTooDeepMarkdown(string.Concat(Enumerable.Repeat("> quote\n- item\n", 5_000))));
    }

    private static string Repeat(string text) => string.Concat(Enumerable.Repeat(text, Many));
}
