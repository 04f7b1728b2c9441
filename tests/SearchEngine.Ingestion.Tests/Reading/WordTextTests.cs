using System.Text;
using DocumentFormat.OpenXml.Spreadsheet;
using SearchEngine.Ingestion.Tests.Formats;

namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>Text of Word documents that stands elsewhere than in paragraphs of the body.</summary>
public sealed class WordTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Extracted Of(string body, params (string Kind, string Name, string Content)[] parts) =>
        Extracted.Of(
            _folder.Write("a.docx", WordFile.Of(body, [.. parts.Select(p => (p.Kind, p.Name, Encoding.UTF8.GetBytes(p.Content)))]))
        );

    [Theory]
    [InlineData("<m:oMathPara><m:oMath><m:r><m:t>between</m:t></m:r></m:oMath></m:oMathPara>", "between")]
    [InlineData(
        "<w:p><m:oMath><m:f><m:num><m:r><m:t>over</m:t></m:r></m:num><m:den><m:r><m:t>under</m:t></m:r></m:den></m:f></m:oMath></w:p>",
        "over under"
    )]
    [InlineData(
        "<w:p><w:r><w:t>out</w:t></w:r><w:r><w:pict><v:shape alt=\"drawn heron\"><v:textbox><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p>"
            + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>tabled</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>",
        "out drawn heron boxed tabled"
    )]
    [InlineData(
        "<w:p><w:r><w:drawing><wp:inline><wp:docPr id=\"1\" descr=\"described\" title=\"titled\"/></wp:inline></w:drawing></w:r></w:p>",
        "described titled"
    )]
    [InlineData("<w:p><w:r><w:pict><v:shape><v:textpath string=\"DRAFT\"/></v:shape></w:pict></w:r></w:p>", "DRAFT")]
    [InlineData("<w:p><w:r><w:t>co</w:t><w:noBreakHyphen/><w:t>operate</w:t></w:r></w:p>", "co operate")]
    [InlineData(
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>reading</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>word</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
        "reading word"
    )]
    [InlineData(
        "<w:sdt><w:sdtContent><w:tbl><w:tr><w:sdt><w:sdtContent><w:tc><w:p><w:ins><w:r><w:t>inserted</w:t></w:r></w:ins></w:p></w:tc></w:sdtContent></w:sdt></w:tr></w:tbl></w:sdtContent></w:sdt>",
        "inserted"
    )]
    [InlineData(
        "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:ddList><w:listEntry w:val=\"first\"/><w:listEntry w:val=\"second\"/></w:ddList></w:ffData></w:fldChar></w:r></w:p>",
        "first second"
    )]
    public void All_that_a_document_shows_is_text(string body, string words) => Of(body).Has(words.Split(' '), body);

    [Fact]
    public void Notes_comments_headers_and_footers_are_text()
    {
        static string Item(string kind, int id, string content) => $"<w:{kind} w:id=\"{id}\">{content}</w:{kind}>";
        var document = Of(
            "<w:p><w:r><w:t>body</w:t><w:footnoteReference w:id=\"2\"/><w:endnoteReference w:id=\"2\"/><w:commentReference w:id=\"2\"/></w:r></w:p>"
                + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t><w:footnoteReference w:id=\"3\"/></w:r></w:p></w:tc></w:tr></w:tbl>",
            (
                "footnotes",
                "footnotes.xml",
                Item(
                    "footnote",
                    2,
                    "<w:p><w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>breaking</w:t></w:r></w:p><w:tbl><w:tr><w:tc>"
                        + WordFile.Paragraph("notecell")
                        + "</w:tc></w:tr></w:tbl><w:p><w:r><w:drawing><wp:inline><wp:docPr id=\"1\" descr=\"notepicture\"/></wp:inline></w:drawing></w:r></w:p>"
                )
                    + Item("footnote", 3, WordFile.Paragraph("cellnote"))
                    + Item("footnote", 4, WordFile.Paragraph("orphannote"))
            ),
            ("endnotes", "endnotes.xml", Item("endnote", 2, WordFile.Paragraph("endnoted"))),
            ("comments", "comments.xml", Item("comment", 2, WordFile.Paragraph("commented"))),
            ("header", "header1.xml", WordFile.Paragraph("headed")),
            ("header", "header2.xml", WordFile.Paragraph("- 3 -")),
            ("footer", "footer1.xml", WordFile.Paragraph("2024-117"))
        );

        document.Has("body non breaking notecell notepicture cell cellnote orphannote endnoted commented headed 2024 117".Split(' '));
        // The number of a page, which is another on each, says nothing.
        Assert.DoesNotContain("- 3 -", document.Text);
    }

    [Fact]
    public void What_a_document_holds_in_other_formats_is_read()
    {
        var workbook = SampleOffice.Xlsx(new Row(SampleOffice.Cell("7", null, address: "A1")));
        var inner = WordFile.Of(WordFile.Paragraph("innertext"));
        var document = Extracted.Of(
            _folder.Write(
                "a.docx",
                WordFile.Of(
                    WordFile.Paragraph("before") + "<w:altChunk r:id=\"p0\"/>" + WordFile.Paragraph("after"),
                    ("aFChunk", "chunk.html", "<html><body><p>htmltext</p></body></html>"u8.ToArray()),
                    ("aFChunk", "chunk.rtf", "{\\rtf1 richtext\\par}"u8.ToArray()),
                    ("package", "inner.docx", inner),
                    ("package", "table.xlsx", workbook)
                )
            )
        );

        document.Has(["before", "after", "htmltext", "richtext", "innertext", "7"]);
        Assert.Empty(document.Warnings);
        Assert.Equal([null, "chunk.html", "chunk.rtf", "inner.docx", "table.xlsx"], document.Documents.Select(d => d.Id).Order());
    }

    [Fact]
    public void Every_piece_of_a_table_has_its_header_whatever_the_format()
    {
        const int Rows = 300;
        string Joined(Func<int, string> row) => string.Concat(Enumerable.Range(0, Rows).Select(row));
        static string Cell(string text) => $"<w:tc>{WordFile.Paragraph(text)}</w:tc>";
        var files = new (string Name, byte[] Content)[]
        {
            ("a.html", Encoding.UTF8.GetBytes("<table><tr><th>name<th>size" + Joined(i => $"<tr><td><p>row{i}</p><td>{i}") + "</table>")),
            ("a.md", Encoding.UTF8.GetBytes("| name | size |\n|---|---|\n" + Joined(i => $"| row{i} | {i} |\n"))),
            ("a.csv", Encoding.UTF8.GetBytes("name,size\n" + Joined(i => $"row{i},{i}\n"))),
            (
                "a.docx",
                WordFile.Of(
                    $"<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr>{Cell("name")}{Cell("size")}</w:tr>"
                        + Joined(i => $"<w:tr>{Cell($"row{i}")}{Cell($"{i}")}</w:tr>")
                        + "</w:tbl>"
                )
            ),
        };
        foreach (var (name, content) in files)
        {
            var table = Extracted.Of(_folder.Write(name, content));

            Assert.True(table.Chunks.Count > 2, name);
            Assert.All(table.Chunks, chunk => Assert.StartsWith("name | size\n", chunk.Text, StringComparison.Ordinal));
            table.Has(Enumerable.Range(0, Rows).Select(i => $"row{i}"), name);
        }
    }

    [Fact]
    public void What_cannot_be_read_of_it_is_told()
    {
        var document = Of(
            WordFile.Paragraph("text"),
            ("package", "broken.docx", "no package"),
            ("aFChunk", "chunk.unknown", "\0\u0001\u0002\u0003\0\0")
        );

        document.Has(["text"]);
        Assert.Equal(2, document.Warnings.Count);
        Assert.Contains(document.Warnings, w => w.Contains("broken.docx", StringComparison.Ordinal));
        Assert.Contains(document.Warnings, w => w.Contains("chunk.unknown", StringComparison.Ordinal));
    }
}
