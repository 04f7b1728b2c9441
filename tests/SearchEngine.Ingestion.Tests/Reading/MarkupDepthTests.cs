namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>Markup in which a hundred thousand elements are open at once is refused before a parser is given it; pages as they are, are not.</summary>
public sealed class MarkupDepthTests : IDisposable
{
    private const int Many = MarkupDepth.MostElements + 1;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("noembed")]
    [InlineData("noframes")]
    [InlineData("iframe")]
    public void Elements_that_hold_pages_as_text_are_not_followed_without_end(string name)
    {
        // Each holds the rest of the page as text, which is a page again: the parser would be called for each of them, within each other.
        var html = string.Concat(Enumerable.Repeat($"<{name}>", 20_000)) + "innermost";

        Assert.Contains("innermost", HtmlReader.PlainText(html));
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("? ")]
    public void Front_matter_is_not_followed_without_end(string open)
    {
        var path = _folder.Write(
            "deep.md",
            $"---\ntitle: Kept\nx:\n{string.Concat(Enumerable.Repeat(open, 60_000 / open.Length))}\n---\nbodytext\n"
        );

        Extracted.Of(path).Has(["bodytext", "Kept"]);
    }

    [Fact]
    public void Words_of_a_directive_are_text()
    {
        var extracted = Extracted.Of(
            _folder.Write("b.md", "```{admonition} Mind the gap\nbodytext\n```\n\n```{r, echo=FALSE}\nx <- 1\n```\n")
        );

        extracted.Has(["Mind", "the", "gap", "bodytext"]);
        Assert.DoesNotContain("echo", extracted.Text);
    }

    [Fact]
    public void Names_in_front_matter_are_text_and_settings_are_not()
    {
        var extracted = Extracted.Of(
            _folder.Write("a.md", "---\nlocation: Reykjavik\nlayout: post\nweight: 3\ncover: img/Cover.png\ncity: köln\n---\nbody\n")
        );

        extracted.Has(["Reykjavik", "köln", "body"]);
        Assert.DoesNotContain("post", extracted.Words);
        Assert.DoesNotContain("Cover", extracted.Words);
    }

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
