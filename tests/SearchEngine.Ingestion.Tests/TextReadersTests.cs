using System.Text;

namespace SearchEngine.Ingestion.Tests;

public sealed class TextReadersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string[] Shape(SourceDocument document) =>
        [.. document.Sections.Select(s => $"{string.Join('/', s.HeadingPath)}: {s.Text.ReplaceLineEndings("|")}")];

    [Fact]
    public void Markdown_gives_sections_by_heading_as_plain_text()
    {
        var document = Assert.Single(
            TempFolder.Read(
                new MarkdownReader(),
                _folder.Write(
                    "a.md",
                    """
                    # The *Title*

                    Intro with a [link](https://example.org) and `code`.
                    Second line.

                    ## First

                    - one
                    - two <b>bold</b>

                    ### Deep

                    | a | b |
                    |---|---|
                    | 1 | **2** |

                    ```csharp
                    # no heading
                    var x = a < b && c;
                    ```

                    ## Second

                    <div>html <script>no()</script>text</div>
                    """
                )
            )
        );

        Assert.Equal("The Title", document.Title);
        Assert.Equal(
            [
                ": Intro with a link and code. Second line.",
                "First: one|two bold",
                "First/Deep: a | b|1 | 2||# no heading|var x = a < b && c;",
                "Second: html text",
            ],
            Shape(document)
        );
    }

    [Fact]
    public void Markdown_title_comes_from_front_matter_heading_or_file_name()
    {
        string Title(string name, string text) => TempFolder.Read(new MarkdownReader(), _folder.Write(name, text))[0].Title;

        Assert.Equal("From front matter", Title("a.md", "---\ntitle: \"From front matter\"\ntags: x\n---\n# Heading\ntext"));
        Assert.Equal("Heading", Title("b.md", "# Heading\ntext"));
        Assert.Equal("some-file", Title("some-file.md", "text\n## not the title\nmore"));
    }

    [Fact]
    public void Markdown_headings_without_text_are_kept_and_a_second_top_heading_is_a_section()
    {
        var document = TempFolder.Read(new MarkdownReader(), _folder.Write("a.md", "# One\n## Empty\n# Two\ntext"))[0];

        Assert.Equal("One", document.Title);
        Assert.Equal(["Empty: ", "Two: text"], Shape(document));
        Assert.Equal([": Only a title"], Shape(TempFolder.Read(new MarkdownReader(), _folder.Write("b.md", "# Only a title"))[0]));
    }

    [Fact]
    public void Markdown_nested_too_deeply_is_read_as_lines()
    {
        var warnings = new List<(string Message, int? Line)>();
        var document = TempFolder.Read(
            new MarkdownReader(),
            _folder.Write("a.md", "# Title\n" + new string('>', 100_000) + " deep words"),
            warnings
        )[0];

        Assert.EndsWith("deep words", document.Sections[^1].Text);
        Assert.Contains("markup was not understood", Assert.Single(warnings).Message);
    }

    [Fact]
    public void Plain_text_takes_a_short_first_line_as_title()
    {
        string Title(string name, string text) => TempFolder.Read(new PlainTextReader(), _folder.Write(name, text))[0].Title;

        Assert.Equal("A Title", Title("a.txt", "\n  A Title  \n\nText follows."));
        Assert.Equal("b", Title("b.txt", "No title here,\nthe text goes on."));
        Assert.Equal("c", Title("c.txt", "A sentence.\n\nAnother."));
    }

    [Fact]
    public void Encodings_are_recognized()
    {
        const string Text = "Grüße, naïve café\nsecond line – “quoted” €";
        var windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
        (string Name, byte[] Bytes)[] files =
        [
            ("utf8", Encoding.UTF8.GetBytes(Text)),
            ("utf8-bom", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Text)]),
            ("utf16le-bom", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(Text)]),
            ("utf16be-bom", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(Text)]),
            ("utf16le", Encoding.Unicode.GetBytes(Text)),
            ("utf16be", Encoding.BigEndianUnicode.GetBytes(Text)),
            ("utf32le-bom", [.. Encoding.UTF32.Preamble, .. Encoding.UTF32.GetBytes(Text)]),
            ("windows-1252", windows1252.GetBytes(Text)),
            ("crlf", Encoding.UTF8.GetBytes(Text.Replace("\n", "\r\n"))),
            ("cr", Encoding.UTF8.GetBytes(Text.Replace("\n", "\r"))),
        ];
        foreach ((var name, var bytes) in files)
        {
            var read = Assert.Single(TempFolder.Read(new PlainTextReader(), _folder.Write(name + ".txt", bytes))).Sections[0].Text;
            Assert.True(read == Text, $"{name}: {read}");
        }
    }

    [Fact]
    public void Binary_data_is_refused_and_empty_files_have_no_documents()
    {
        var random = new Random(7);
        var garbage = new byte[5000];
        random.NextBytes(garbage);
        foreach (var reader in new IDocumentReader[] { new MarkdownReader(), new PlainTextReader(), new HtmlReader() })
        {
            Assert.Contains(
                "binary",
                Assert.Throws<SourceFormatException>(() => TempFolder.Read(reader, _folder.Write("x.md", garbage))).Message
            );
            Assert.Empty(TempFolder.Read(reader, _folder.Write("empty.md", "")));
            Assert.Empty(TempFolder.Read(reader, _folder.Write("blank.md", " \n\n\t ")));
            Assert.Empty(TempFolder.Read(reader, _folder.Write("bom.md", [0xEF, 0xBB, 0xBF])));
        }
    }

    [Fact]
    public void Html_gives_visible_text_by_heading()
    {
        var document = Assert.Single(
            TempFolder.Read(
                new HtmlReader(),
                _folder.Write(
                    "a.html",
                    """
                    <!doctype html><html><head><title> The  Title </title><style>p{}</style><script>var x = "<p>no</p>";</script></head>
                    <body><nav>menu</nav><h1>Top</h1><p>First
                       paragraph with <b>bold</b>&amp;<i>italic</i>.<br>New line.</p><div hidden>secret</div>
                    <h2>List <small>part</small></h2><ul><li>one</li><li>two</li></ul>
                    <table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
                    <pre>  keep
                       this</pre>tail<p>after</p></body></html>
                    """
                )
            )
        );

        Assert.Equal("The Title", document.Title);
        Assert.Equal(
            [
                "Top: First paragraph with bold&italic.|New line.||secret",
                "Top/List part: one|two||a | b|1 | 2||  keep|   this||tail||after",
                ": menu",
            ],
            Shape(document)
        );
    }

    [Fact]
    public void Html_reads_the_main_part_and_the_declared_encoding()
    {
        var greek = CodePagesEncodingProvider.Instance.GetEncoding("iso-8859-7")!;
        var bytes = greek.GetBytes(
            "<html><head><meta charset='iso-8859-7'></head><body><p>around</p><main><h1>Καλημέρα</h1><p>κόσμε</p></main></body></html>"
        );
        var document = TempFolder.Read(new HtmlReader(), _folder.Write("a.html", bytes))[0];

        Assert.Equal("Καλημέρα", document.Title);
        Assert.Equal([": κόσμε", ": around"], Shape(document));
    }

    [Fact]
    public void Html_nested_deeper_than_the_stack_is_read()
    {
        var html = string.Concat(Enumerable.Repeat("<div>", 20_000)) + "deep words";

        Assert.Equal("deep words", TempFolder.Read(new HtmlReader(), _folder.Write("a.html", html))[0].Sections[0].Text);
    }
}
