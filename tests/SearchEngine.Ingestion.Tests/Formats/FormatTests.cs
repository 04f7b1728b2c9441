using System.IO.Compression;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using SearchEngine.Ingestion.Tests.Reading;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>Each format with its structures: every word is found, and headings and titles are what they are.</summary>
public sealed class FormatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Extracted Of(string name, string text) => Extracted.Of(_folder.Write(name, text));

    private static byte[] Zip(params (string Name, string Text)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (name, text) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return stream.ToArray();
    }

    [Fact]
    public void Csv_tables_repeat_their_header_and_records_are_documents()
    {
        var table = Of(
            "a.csv",
            "name;size;note\n" + string.Concat(Enumerable.Range(0, 300).Select(i => $"row{i};{i};\"a \"\"quoted\"\" one\"\n"))
        );
        table.Has(["name", "size", "row0", "row299", "quoted"]);
        Assert.True(table.Chunks.Count > 3);
        Assert.All(table.Chunks, c => Assert.StartsWith("name | size | note\n", c.Text));

        var text = string.Join(' ', Enumerable.Repeat("prose", 30));
        var records = Of("b.tsv", $"title\tyear\tbody\nFirst one\t2020\t{text} alpha\nSecond one\t2021\t{text} beta\n");
        Assert.Equal(["First one", "Second one"], records.Documents.Select(d => d.Title));
        Assert.Equal("2021", records.Documents[1].Properties["year"]);
        records.Has(["alpha", "beta", "2020"]);
    }

    [Fact]
    public void Json_is_read_whole_or_record_by_record()
    {
        Of("a.json", """{"title":"Service","port":8080,"hosts":[{"name":"alpha"},{"name":"beta"}],"url":"https://x.org/"}""")
            .Has(["Service", "8080", "alpha", "beta"]);
        Assert.Equal(2, Of("b.json", """[{"id":1,"text":"one"},{"id":2,"body":{"en":"two"}}]""").Documents.Count);
        Assert.Throws<SourceFormatException>(() => Of("c.json", "{oops"));
    }

    [Fact]
    public void Notebooks_give_markdown_code_and_outputs()
    {
        var notebook = Of(
            "a.ipynb",
            """
            {"cells":[{"cell_type":"markdown","source":["# Analysis\n","\n","Some prosetext\n"]},
            {"cell_type":"code","source":["def compute(x):\n","    return x"],"outputs":[{"output_type":"stream","text":["printedoutput\n"]},
            {"output_type":"execute_result","data":{"text/plain":["resultvalue"]}}]}],"metadata":{}}
            """
        );
        Assert.Equal("Analysis", notebook.Documents[0].Title);
        notebook.Has(["prosetext", "compute", "printedoutput", "resultvalue"]);
    }

    [Fact]
    public void Restructured_text_has_headings_and_no_markup()
    {
        var rst = Of(
            "a.rst",
            """
            =========
            The Title
            =========

            Intro with :func:`lookup <mod.lookup>` and `a link <http://x.org>`_ and ``literal``.

            First Part
            ==========

            .. note:: Notetext here

               and notebody.

            .. code-block:: python

               value = compute()

            Deeper
            ------

            Text::

                literalblock

            .. _target:

            Second Part
            ===========

            End.
            """
        );
        Assert.Equal("The Title", rst.Documents[0].Title);
        Assert.Equal(
            ["First Part", "First Part/Deeper", "Second Part"],
            rst.Documents[0].Sections.Select(s => string.Join('/', s.HeadingPath)).Where(p => p.Length > 0)
        );
        rst.Has(["Intro", "lookup", "link", "literal", "Notetext", "notebody", "compute", "literalblock", "End"]);
        Assert.DoesNotContain("::", rst.Text);
        Assert.DoesNotContain("====", rst.Text);
    }

    [Fact]
    public void Asciidoc_org_and_latex_have_headings_and_no_markup()
    {
        var adoc = Of(
            "a.adoc",
            "= The Title\n:description: Adocdescription\n\nIntro *bold* link:http://x.org[linktext].\n\n== Part\n\n.Blocktitle\n[source,java]\n----\nint codeword;\n----\n\n|===\n|cellone |celltwo\n|===\n"
        );
        Assert.Equal(("The Title", "Part"), (adoc.Documents[0].Title, adoc.Documents[0].Sections[^1].HeadingPath[^1]));
        adoc.Has(["Adocdescription", "bold", "linktext", "Blocktitle", "codeword", "cellone", "celltwo"]);
        Assert.DoesNotContain("----", adoc.Text);

        var org = Of(
            "a.org",
            "#+TITLE: Org Title\nIntro.\n* TODO Task one :tag:\n:PROPERTIES:\n:ID: x\n:END:\nBody [[http://x.org][linkword]].\n#+BEGIN_SRC c\ncodeword\n#+END_SRC\n** Deeper\nmore\n"
        );
        Assert.Equal("Org Title", org.Documents[0].Title);
        org.Has(["Intro", "Task", "one", "tag", "linkword", "codeword", "Deeper", "more"]);

        var tex = Of(
            "a.tex",
            "\\documentclass{article}\n\\title{Tex Title}\n\\begin{document}\n\\section{Part \\emph{one}}\nSome \\textbf{boldword} text with caf\\'e 50\\% % comment\n\\subsection{Deeper}\nEnd $x_{1}$.\n\\begin{verbatim}\ncode { here\n\\end{verbatim}\n\\end{document}\n"
        );
        Assert.Equal("Tex Title", tex.Documents[0].Title);
        Assert.Equal(
            ["Part one", "Part one/Deeper"],
            tex.Documents[0].Sections.Select(s => string.Join('/', s.HeadingPath)).Where(p => p.Length > 0)
        );
        tex.Has(["boldword", "50", "End", "code", "here"]);
        Assert.DoesNotContain("comment", tex.Text);
        Assert.DoesNotContain("\\", tex.Text);
    }

    [Fact]
    public void Source_code_is_cut_at_declarations_with_symbols_as_headings()
    {
        var code = Of(
            "Widget.cs",
            """
            using System;

            namespace Shop;

            // Keeps widgets.
            public sealed class WidgetStore
            {
                /// Finds one.
                public Widget Find(int id)
                {
                    return _all[id];
                }

                private static void Drop() => Clear();
            }
            """
        );
        Assert.Equal("Widget.cs", code.Documents[0].Title);
        Assert.Contains(code.Documents[0].Sections, s => s.HeadingPath.Contains("WidgetStore") && s.Text.Contains("// Keeps widgets."));
        Assert.Contains(
            code.Documents[0].Sections,
            s => s.HeadingPath is [.., "Find"] && s.Text.Contains("/// Finds one.") && s.Text.Contains("return _all[id];")
        );
        var python = Of(
            "a.py",
            "import os\n\n# About it.\ndef alpha(x):\n    return x\n\nclass Beta:\n    def gamma(self):\n        pass\n"
        );
        Assert.Equal(["", "alpha", "Beta", "Beta/gamma"], python.Documents[0].Sections.Select(s => string.Join('/', s.HeadingPath)));
        python.Has(["os", "About", "alpha", "gamma", "pass"]);
    }

    [Fact]
    public void Rich_text_is_read_without_its_tables_of_fonts()
    {
        var rtf = Of(
            "a.rtf",
            @"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\info{\title Hidden}}{\pard\outlinelevel0 Heading\par}\pard Gr\'fc\'dfe \u8364?uro \b bold\b0  {\field{\*\fldinst HYPERLINK ""x""}{\fldrslt linkword}}{\footnote Notetext}\par\trowd cella\cell cellb\cell\row}"
        );
        Assert.Equal("Heading", rtf.Documents[0].Title);
        rtf.Has(["Grüße", "bold", "linkword", "Notetext", "cella", "cellb"]);
        Assert.Contains("€uro", rtf.Text);
        Assert.DoesNotContain("Arial", rtf.Text);
        Assert.DoesNotContain("HYPERLINK", rtf.Text);
    }

    [Fact]
    public void Messages_and_mailboxes_bring_their_attachments()
    {
        const string Message =
            "From: Ann <ann@x.org>\nTo: Bob <bob@x.org>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
            + "--b\nContent-Type: text/plain; charset=utf-8\n\nbodytext here\n--b\nContent-Type: text/markdown; name=notes.md\nContent-Disposition: attachment; filename=notes.md\n\n# Attached\n\nattachedtext\n--b--\n";
        var mail = Of("a.eml", Message);
        Assert.Equal(["Grüße", "Attached"], mail.Documents.Select(d => d.Title));
        mail.Has(["Ann", "bodytext", "attachedtext"]);
        var box = Of(
            "a.mbox",
            $"From ann@x.org Thu Jan  1 00:00:00 2026\n{Message}\nFrom bob@x.org Thu Jan  1 00:00:00 2026\nSubject: Second\n\nother body\n"
        );
        Assert.Equal(["Grüße", "Attached", "Second"], box.Documents.Select(d => d.Title));
    }

    [Fact]
    public void Books_and_open_documents_are_read_in_order()
    {
        var epub = Extracted.Of(
            _folder.Write(
                "a.epub",
                Zip(
                    ("mimetype", "application/epub+zip"),
                    ("META-INF/container.xml", "<container><rootfiles><rootfile full-path=\"OEBPS/p.opf\"/></rootfiles></container>"),
                    (
                        "OEBPS/p.opf",
                        "<package xmlns:dc=\"d\"><metadata><dc:title>The Book</dc:title></metadata><manifest><item id=\"a\" href=\"a.xhtml\"/><item id=\"b\" href=\"b%20b.xhtml\"/></manifest><spine><itemref idref=\"b\"/><itemref idref=\"a\"/></spine></package>"
                    ),
                    ("OEBPS/a.xhtml", "<html><body><h1>Chapter A</h1><p>alphatext</p></body></html>"),
                    ("OEBPS/b b.xhtml", "<html><head><title>Chapter B</title></head><body><p>betatext</p></body></html>")
                )
            )
        );
        Assert.Equal(["OEBPS/b b.xhtml", "OEBPS/a.xhtml"], epub.Documents.Select(d => d.Id));
        Assert.All(epub.Documents, d => Assert.Equal("The Book", d.Title));
        epub.Has(["Chapter", "A", "B", "alphatext", "betatext"]);

        var odt = Extracted.Of(
            _folder.Write(
                "a.odt",
                Zip(
                    (
                        "content.xml",
                        "<office:document-content xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\"><office:body><office:text><text:h text:outline-level=\"1\">Odt Heading</text:h><text:p>para<text:tab/>graph<text:note><text:note-body><text:p>notetext</text:p></text:note-body></text:note></text:p><table:table><table:table-row><table:table-cell><text:p>cella</text:p></table:table-cell><table:table-cell><text:p>cellb</text:p></table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>"
                    )
                )
            )
        );
        Assert.Equal("Odt Heading", odt.Documents[0].Title);
        odt.Has(["para", "graph", "notetext"]);
        Assert.Contains("cella | cellb", odt.Text);
    }

    [Fact]
    public void Workbooks_give_a_table_for_each_sheet()
    {
        using var stream = new MemoryStream();
        using (var book = SpreadsheetDocument.Create(stream, SpreadsheetDocumentType.Workbook))
        {
            var main = book.AddWorkbookPart();
            var sheet = main.AddNewPart<WorksheetPart>();
            Cell Inline(string text) => new() { DataType = CellValues.InlineString, InlineString = new InlineString(new Text(text)) };
            sheet.Worksheet = new Worksheet(
                new SheetData(
                    new Row(Inline("name"), Inline("size")),
                    new Row(Inline("alpha"), new Cell { CellValue = new CellValue("42") })
                )
            );
            main.Workbook = new Workbook(
                new Sheets(
                    new Sheet
                    {
                        Name = "Stock",
                        SheetId = 1,
                        Id = main.GetIdOfPart(sheet),
                    }
                )
            );
        }

        var xlsx = Extracted.Of(_folder.Write("a.xlsx", stream.ToArray()));
        Assert.Equal(["Stock"], xlsx.Documents[0].Sections[0].HeadingPath);
        Assert.Equal("name | size\nalpha | 42", xlsx.Documents[0].Sections[0].Text);
    }

    [Fact]
    public void Archives_are_read_within_limits()
    {
        var inner = Zip(("deep.txt", "deepword"));
        byte[] outer;
        using (var stream = new MemoryStream())
        {
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
            {
                foreach (
                    var (name, bytes) in new[]
                    {
                        ("a.md", "# Alpha\n\nalphatext"u8.ToArray()),
                        ("inner.zip", inner),
                        ("picture.png", [1, 2, 3]),
                        ("bad.pdf", "no pdf"u8.ToArray()),
                    }
                )
                {
                    using var entry = zip.CreateEntry(name).Open();
                    entry.Write(bytes);
                }

                // A bomb: 200 MB of zeros in 200 KB.
                using var bomb = zip.CreateEntry("bomb.txt").Open();
                var block = new byte[1 << 20];
                for (var i = 0; i < 200; i++)
                {
                    bomb.Write(block);
                }
            }

            outer = stream.ToArray();
        }

        var archive = Extracted.Of(_folder.Write("a.zip", outer));
        archive.Has(["alphatext", "deepword"]);
        Assert.Equal(["a.md", "inner.zip!deep.txt"], archive.Documents.Select(d => d.Id));
        Assert.Equal(["bad.pdf", "bomb.txt"], archive.Warnings.Select(w => w.Split('\'')[1]).Order());

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write("# Packed\n\npackedtext"u8);
        }

        var unpacked = Extracted.Of(_folder.Write("b.md.gz", packed.ToArray()));
        Assert.Equal(("Packed", null), (unpacked.Documents[0].Title, unpacked.Documents[0].Id));
        unpacked.Has(["packedtext"]);
    }

    [Fact]
    public async Task What_is_not_read_of_archives_and_messages_is_named()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.zip", Zip(("in.md", "about herons"), ("sub/old.xyz", "\u0001\u0002\u0003\u0004"), (".hidden.md", "hidden")));
        fixture.Files.Write(
            "b.eml",
            "Subject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nbody\n"
                + "--b\nContent-Type: application/msword; name=letter.doc\nContent-Transfer-Encoding: base64\n\n0M8R4KGxGuEAAAAAAAAAAAAA\n--b--\n"
        );

        var passed = (await fixture.IngestAsync()).PassedOver.ToDictionary(p => p.Kind, p => Path.GetFileName(p.Examples.Single()));

        Assert.Equal(("b.eml!letter.doc", "old.xyz", "a.zip!.hidden.md"), (passed[".doc"], passed[".xyz"], passed["hidden"]));
    }

    [Fact]
    public void A_document_of_thirty_thousand_nested_tables_is_read()
    {
        var xml = new StringBuilder("<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>");
        xml.Insert(xml.Length, "<w:tbl><w:tr><w:tc>", 30_000)
            .Append("<w:p><w:r><w:t>innermost</w:t></w:r></w:p>")
            .Insert(xml.Length, "</w:tc></w:tr></w:tbl>", 30_000);
        xml.Append("<w:p><w:r><w:t>after</w:t></w:r></w:p></w:body></w:document>");
        var docx = Zip(
            (
                "[Content_Types].xml",
                "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>"
            ),
            (
                "_rels/.rels",
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>"
            ),
            ("word/document.xml", xml.ToString())
        );

        Extracted.Of(_folder.Write("a.docx", docx)).Has(["innermost", "after"]);
    }

    [Fact]
    public async Task Files_without_an_extension_are_read_by_content()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("README", "Plain text about llamas.");
        fixture.Files.Write("page", "<!DOCTYPE html><title>T</title><p>Page about alpacas.</p>");
        fixture.Files.Write("data", [1, 2, 3, 0, 255, 254, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]);

        var report = await fixture.IngestAsync();

        Assert.Equal((2, 1), (report.Read, report.Unsupported));
        Assert.Equal("page", (await fixture.SearchAsync("alpacas"))[0]);
    }
}
