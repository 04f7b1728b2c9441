using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using DocumentFormat.OpenXml.Packaging;
using SearchEngine.Ingestion.Tests.Reading;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>
/// Whole files of every format, with structures of each. All refer to a file and an address outside themselves, in every way that their format
/// has: nobody must follow.
/// </summary>
internal sealed class SampleFiles(string outsideFile, string address)
{
    /// <summary>The extensions there are samples of.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [
        ".md",
        ".txt",
        ".html",
        ".jsonl",
        ".json",
        ".xml",
        ".svg",
        ".csv",
        ".pdf",
        ".docx",
        ".xlsx",
        ".pptx",
        ".odt",
        ".ods",
        ".fodt",
        ".epub",
        ".rtf",
        ".eml",
        ".mbox",
        ".ipynb",
        ".rst",
        ".adoc",
        ".org",
        ".tex",
        ".cs",
        ".py",
        ".yaml",
        ".zip",
        ".tar",
        ".gz",
    ];

    private string FileAddress => new Uri(outsideFile).AbsoluteUri;

    private string Doctype(string root) =>
        $"<?xml version=\"1.0\"?><!DOCTYPE {root} [<!ENTITY f SYSTEM \"{FileAddress}\"><!ENTITY n SYSTEM \"{address}\"><!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>";

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    internal static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Files of a format.</summary>
    public IEnumerable<byte[]> Of(string extension)
    {
        var cases = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Cases"), "*" + extension);
        return [.. cases.Select(File.ReadAllBytes), .. Own(extension)];
    }

    private byte[][] Own(string extension) =>
        extension switch
        {
            ".md" =>
            [
                Utf8(
                    $"---\ntitle: >-\n  A title\ntags: [a, b]\n---\n# Top\n\nSome *text* with [a link]({FileAddress}) and ![alt]({address}/x.png).\n\n"
                        + "| a | b |\n|---|---|\n| 1 | 2 |\n\n:::tip[Box]\nboxed\n:::\n\n```cs\nvar x = 1;\n```\n\nTerm\n: Definition[^1]\n\n[^1]: note\n\n<details><summary>S</summary>d</details>\n"
                ),
            ],
            ".txt" => [Utf8("A short title\n\nProse. More of it!\n日本語の文。\n"), Encoding.Unicode.GetBytes("\ufeffwide text\n")],
            ".html" =>
            [
                Utf8(
                    $"<!DOCTYPE html><html><head><meta charset=utf-8><title>T</title><link rel=stylesheet href='{address}/a.css'><base href='{address}'></head>"
                        + $"<body><nav>n</nav><main><h1>H</h1><p>p <img src='{address}/i.png' alt=alt><iframe src='{FileAddress}'></iframe><object data='{FileAddress}'></object>"
                        + "<table><tr><th>a<td>b</table><ul><li>one<ol start=3><li>two</ol></ul><pre>code</pre><svg><text>s</text></svg><form><button>go</button></form></main></body></html>"
                ),
            ],
            ".jsonl" =>
            [
                Utf8(
                    "{\"id\":\"1\",\"title\":\"T\",\"text\":\"one\"}\n{\"parts\":[{\"text\":\"two\"}],\"n\":{\"m\":\"three\"}}\n[\"four\"]\n"
                ),
            ],
            ".json" =>
            [
                Utf8($"{{\"$ref\":\"{FileAddress}\",\"title\":\"T\",\"list\":[{{\"a\":\"text\"}},2,null,true]}}"),
                Utf8("[{\"text\":\"a\"},{\"text\":\"b\"}]"),
            ],
            ".xml" =>
            [
                Utf8(
                    $"{Doctype("book")}<book xmlns:xi='http://www.w3.org/2001/XInclude'><title>T &f; &n;</title><xi:include href='{FileAddress}' parse='text'/><para>text &b; <emphasis>more</emphasis></para></book>"
                ),
                Utf8(
                    "<rss><channel><item><title>One</title><description>&lt;p&gt;escaped &lt;b&gt;page&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>"
                ),
            ],
            ".svg" =>
            [
                Utf8(
                    $"{Doctype("svg")}<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'><title>T</title><image xlink:href='{address}/i.png'/><text x='1'>label &f;</text></svg>"
                ),
            ],
            ".csv" => [Utf8("name;size\n\"a \"\"b\"\"\";1\nc;\"two\nlines\"\n"), Utf8("title,text\nA," + new string('x', 200) + "\n")],
            ".pdf" =>
            [
                OfficeReadersTests.Pdf("Title", ["A line of text", "and an-", "other one"], ["second page"]),
                PlainPdf(),
                SampleOffice.PicturePdf(),
            ],
            ".docx" => [Docx()],
            ".xlsx" => [SampleOffice.Xlsx()],
            ".pptx" => [SampleOffice.Pptx()],
            ".odt" => [OpenDocument("text"), OpenDocument("presentation")],
            ".ods" => [OpenDocument("spreadsheet")],
            ".fodt" => [Utf8(Content("text"))],
            ".epub" =>
            [
                Zip(
                    ("mimetype", Utf8("application/epub+zip")),
                    ("META-INF/container.xml", Utf8("<container><rootfiles><rootfile full-path=\"O/p.opf\"/></rootfiles></container>")),
                    (
                        "O/p.opf",
                        Utf8(
                            $"{Doctype("package")}<package xmlns:dc=\"d\"><metadata><dc:title>B</dc:title></metadata><manifest><item id=\"a\" href=\"a.xhtml\"/><item id=\"x\" href=\"../../{outsideFile}\"/></manifest><spine><itemref idref=\"a\"/><itemref idref=\"x\"/></spine></package>"
                        )
                    ),
                    ("O/a.xhtml", Utf8($"{Doctype("html")}<html><body><h1>C</h1><p>text &f;</p></body></html>"))
                ),
            ],
            ".rtf" =>
            [
                Utf8(
                    @"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset204 Arial;}}{\info{\title T}}{\pard\outlinelevel0 Heading\par}\pard\f0 Gr\'fc \u8364?uro {\b bold} {\field{\*\fldinst INCLUDETEXT """
                        + outsideFile.Replace("\\", "\\\\", StringComparison.Ordinal)
                        + @"""}{\fldrslt shown}}{\footnote Note}{\shp{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt boxed\par}}}\trowd a\cell b\cell\row}"
                ),
            ],
            ".eml" => [Utf8(Message())],
            ".mbox" => [Utf8($"From a Thu Jan  1 00:00:00 2026\n{Message()}\nFrom b Thu Jan  1 00:00:00 2026\nSubject: Two\n\nbody\n")],
            ".ipynb" =>
            [
                Utf8(
                    "{\"cells\":[{\"cell_type\":\"markdown\",\"source\":[\"# A\\n\",\"text\"]},{\"cell_type\":\"code\",\"source\":\"x=1\",\"outputs\":[{\"data\":{\"text/html\":\"<b>h</b>\",\"text/plain\":[\"p\"]}},{\"text\":\"t\"}]}]}"
                ),
            ],
            ".rst" =>
            [
                Utf8(
                    $"=====\nTitle\n=====\n\nIntro :func:`x <y>` ``lit``.\n\nPart\n----\n\n.. include:: {outsideFile}\n.. image:: {address}/x.png\n   :alt: picture\n\n.. code-block:: py\n\n   x = 1\n\n==== ====\na    b\n==== ====\n"
                ),
            ],
            ".adoc" =>
            [
                Utf8(
                    $"= Title\n:toc: left\n\ninclude::{outsideFile}[]\nText *bold* link:{address}[l].\n\nPart\n----\n\n|===\n|a |b\n|===\n\n[source]\n----\ncode\n----\n"
                ),
            ],
            ".org" =>
            [
                Utf8(
                    $"#+TITLE: T\n#+INCLUDE: \"{outsideFile}\"\n* TODO Head :tag:\n:PROPERTIES:\n:ID: 1\n:END:\nText [[{address}][l]].\n#+BEGIN_SRC c\nint x;\n#+END_SRC\n"
                ),
            ],
            ".tex" =>
            [
                Utf8(
                    $"\\documentclass{{article}}\n\\title{{T}}\n\\begin{{document}}\n\\input{{{outsideFile}}}\n\\section{{One \\emph{{two}}}}\nFran\\c{{c}}ais, Stra\\ss e, caf\\'e $x_1$ % no\n\\begin{{verbatim}}\n{{\n\\end{{verbatim}}\n\\end{{document}}\n"
                ),
            ],
            ".cs" => [Utf8("namespace A;\n\n/// <summary>S.</summary>\npublic sealed class B<T>\n{\n    public int M(int x) => x;\n}\n")],
            ".py" => [Utf8("# -*- coding: latin-1 -*-\nimport os\n\nclass A:\n    def m(self):\n        return 1\n")],
            ".yaml" => [Utf8("a: &x [1, 2]\nb: *x\nc:\n  - d: text\n")],
            ".zip" =>
            [
                Zip(
                    ("../../escape.txt", Utf8("climbs")),
                    ("/abs.md", Utf8("# Abs")),
                    ("in/inner.zip", Zip(("deep.txt", Utf8("deep")))),
                    ("a.html", Own(".html")[0])
                ),
            ],
            ".tar" => [Tar()],
            ".gz" => [Gzip(Utf8("packed text\n"))],
            _ => throw new ArgumentException($"There is no sample of '{extension}'."),
        };

    private string Message() =>
        "From: Ann <a@x.org>\nTo: b@x.org\nSubject: =?utf-8?q?Gr=C3=BC?=\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\nContent-Type: text/plain\n\nplain body\n--c\nContent-Type: text/html\n\n<p>html body</p>\n--c--\n"
        + "--b\nContent-Type: text/csv; name=a.csv\nContent-Disposition: attachment; filename=\"../../a.csv\"\nContent-Transfer-Encoding: base64\n\nYSxiCjEsMgo=\n"
        + $"--b\nContent-Type: message/external-body; access-type=local-file; name=\"{outsideFile}\"\n\nContent-Type: text/plain\n\n"
        + "--b\nContent-Type: message/rfc822\n\nSubject: Inner\n\ninner body\n--b\nContent-Type: text/plain\n\nlast words\n--b--\n";

    private string Content(string kind) =>
        $"{Doctype("office:document-content")}<office:document-content xmlns:office=\"o\" xmlns:text=\"t\" xmlns:table=\"b\" xmlns:xlink=\"x\"><office:body><office:{kind}>"
        + "<text:tracked-changes><text:changed-region><text:p>deleted words</text:p></text:changed-region></text:tracked-changes>"
        + $"<text:h text:outline-level=\"1\">Head</text:h><text:p xlink:href=\"{FileAddress}\">para<text:tab/>graph<text:note><text:note-body><text:p>note</text:p></text:note-body></text:note></text:p>"
        + "<table:table table:name=\"Sheet\"><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
        + $"</office:{kind}></office:body></office:document-content>";

    private byte[] OpenDocument(string kind) =>
        Zip(
            ("content.xml", Utf8(Content(kind))),
            ("styles.xml", Utf8("<s xmlns:text=\"t\"><text:p>footer</text:p></s>")),
            ("meta.xml", Utf8("<m xmlns:dc=\"d\"><dc:title>Meta</dc:title></m>")),
            ("Object 1/content.xml", Utf8("<math><mrow><mi>energy</mi><mo>=</mo><mi>mass</mi></mrow><annotation>no</annotation></math>"))
        );

    private byte[] Docx()
    {
        using var stream = new MemoryStream();
        stream.Write(File.ReadAllBytes(Extracted.Case("foot.docx")));
        using (var word = WordprocessingDocument.Open(stream, isEditable: true))
        {
            var main = word.MainDocumentPart!;
            main.AddExternalRelationship(
                "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image",
                new Uri(address + "/i.png")
            );
            main.AddExternalRelationship(
                "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate",
                new Uri(FileAddress)
            );
            main.AddHyperlinkRelationship(new Uri(FileAddress), isExternal: true);
        }

        return stream.ToArray();
    }

    /// <summary>Nothing in it is packed, so that mutations reach its objects.</summary>
    private byte[] PlainPdf()
    {
        const string Text =
            "BT /F1 12 Tf 50 700 Td (Plain words here) Tj 0 -14 Td [(kern) -200 (ed)] TJ ET q 10 0 0 10 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q";
        var objects = new[]
        {
            "<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R/OpenAction<</S/URI/URI(" + address + ")>>>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 1 1]/A<</S/GoToR/F("
                + outsideFile
                + ")>>>>]>>",
            $"<</Length {Text.Length}>>stream\n{Text}\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            "<</Type/Outlines/First 7 0 R/Last 7 0 R/Count 1>>",
            "<</Title(Mark)/Parent 6 0 R/Dest[3 0 R/Fit]>>",
        };
        return Utf8(PdfObjects.FileOf(objects));
    }

    private byte[] Tar()
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, leaveOpen: true))
        {
            tar.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, "../climbs.md") { DataStream = new MemoryStream(Utf8("# Climbs\n\ntarred")) }
            );
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link.md") { LinkName = outsideFile });
        }

        return stream.ToArray();
    }

    internal static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionMode.Compress))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }
}
