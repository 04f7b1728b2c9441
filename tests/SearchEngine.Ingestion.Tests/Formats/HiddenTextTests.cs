using System.Text;
using SearchEngine.Ingestion.Tests.Reading;
using S = DocumentFormat.OpenXml.Spreadsheet;

namespace SearchEngine.Ingestion.Tests.Formats;

/// <summary>Text where readers do not look at first: parts of messages, shapes, attributes, formats of cells, objects in packages.</summary>
public sealed class HiddenTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Extracted Of(string name, string text) => Extracted.Of(_folder.Write(name, text));

    [Fact]
    public void All_texts_of_a_message_are_read_and_of_alternatives_the_one_that_says_most()
    {
        string Message(string plain, string html) =>
            "Subject: Parts\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n"
            + $"--c\nContent-Type: text/plain\n\n{plain}\n--c\nContent-Type: text/html\n\n<p>{html}</p>\n--c--\n"
            + "--b\nContent-Type: text/plain\n\nsecondtext\n--b\nContent-Type: message/rfc822\n\nSubject: Forwarded\n\nforwardedtext\n"
            + "--b\nContent-Type: text/csv; name=t.csv\n\nheada,headb\ncella,cellb\n--b\nContent-Type: application/pgp-signature; name=signature.asc\n\nscribble\n--b--\n";

        var same = Of("a.eml", Message("the plain form of it", "the plain form of it htmlform"));
        same.Has(["plain", "secondtext", "Forwarded", "forwardedtext", "cella"]);
        Assert.DoesNotContain("htmlform", same.Text);
        Assert.DoesNotContain("scribble", same.Text);
        Of("b.eml", Message("Your program shows no HTML.", "all that the letter really says, in many more words htmlform"))
            .Has(["htmlform"]);
    }

    [Fact]
    public void Rich_text_has_shapes_and_alphabets_of_its_fonts()
    {
        var rtf = Of(
            "a.rtf",
            @"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial CYR;}{\f2\fcharset161 Arial Greek;}}\pard\f0 caf\'e9 {\f1\'cf\'f0\'e8\'e2\'e5\'f2} {\f2\'eb\'fc\'e3\'ef\'f2} na\'efve\par"
                + @"{\shp{\*\shpinst\shpleft0{\sp{\sn propname}{\sv propvalue}}{\shptxt boxedtext\par}}{\shprslt{\*\do{\dptxbxtext boxedtext\par}}}}{\*\do{\dptxbxtext oldbox\par}}{\object\objemb{\*\objclass Word}{\*\objdata 01050000beef}{\result {\rtlch objectresult}}}\par end\par}"
        );

        rtf.Has(["objectresult", "café", "Привет", "λόγος".Replace("ό", "ό"), "naïve", "boxedtext", "oldbox", "end"]);
        Assert.DoesNotMatch("prop|beef|Word", rtf.Text);
        Assert.Equal(1, rtf.Text.Split("boxedtext").Length - 1);
    }

    [Fact]
    public void Cells_show_dates_runs_and_their_columns()
    {
        var xlsx = Extracted.Of(
            _folder.Write(
                "a.xlsx",
                SampleOffice.Xlsx(
                    new S.Row(
                        SampleOffice.Cell("0", S.CellValues.SharedString, address: "A1"),
                        SampleOffice.Cell("1", S.CellValues.SharedString, address: "B1"),
                        new S.Cell
                        {
                            CellReference = "C1",
                            DataType = S.CellValues.InlineString,
                            InlineString = new S.InlineString(new S.Run(new S.Text("in")), new S.Run(new S.Text("line"))),
                        }
                    ),
                    new S.Row(
                        SampleOffice.Cell("45000", null, style: 1, address: "A2"),
                        SampleOffice.Cell("45000.75", null, style: 2, address: "C2"),
                        SampleOffice.Cell("45000", null, address: "D2")
                    )
                )
            )
        );

        Assert.Equal("shared | two runs | inline\n2023-03-15 |  | 2023-03-15 18:00:00 | 45000", xlsx.Documents[0].Sections[0].Text);
    }

    [Fact]
    public void Slides_have_comments_sheets_have_names_and_packages_have_objects()
    {
        Extracted.Of(_folder.Write("a.pptx", SampleOffice.Pptx())).Has(["Slide", "title", "body", "review", "remark"]);
        var samples = new SampleFiles("/nowhere", "http://127.0.0.1:1");
        Extracted.Of(_folder.Write("a.odt", samples.Of(".odt").First())).Has(["Head", "energy", "mass", "footer", "graph"]);
        var sheet = Extracted.Of(_folder.Write("a.ods", samples.Of(".ods").First()));
        Assert.Contains(sheet.Documents[0].Sections, s => s.HeadingPath.Contains("Sheet") && s.Text == "a | b");
        Extracted.Of(_folder.Write("a.tar", samples.Of(".tar").First())).Has(["Climbs", "tarred"]);
        Extracted.Of(_folder.Write("a.tar.gz", SampleFiles.Gzip(samples.Of(".tar").First()))).Has(["Climbs", "tarred"]);
        var unknown = Assert.Throws<SourceFormatException>(() =>
            Extracted.Of(_folder.Write("a.bin.gz", SampleFiles.Gzip([0, 1, 2, 3, 0, 0, 0, 9])))
        );
        Assert.Contains("a.bin", unknown.Message);
    }

    [Fact]
    public void Attributes_that_are_text_and_escaped_pages_are_read()
    {
        var xml = Of(
            "a.opml",
            "<opml><body><outline text='Outlined' xmlUrl='https://x.org/feed'><outline text='deeper one'/></outline><string name='app_name' value='three words here'/>"
                + "<p style='color: red and blue' class='some class'>kept</p></body></opml>"
        );
        Of("b.xml", "<!DOCTYPE b [<!ENTITY product 'Widgetron'>]><b><p>The &product; manual</p></b>").Has(["Widgetron", "manual"]);
        xml.Has(["Outlined", "deeper", "one", "three", "here", "kept"]);
        Assert.DoesNotContain("color", xml.Text);
        Assert.DoesNotContain("https", xml.Text);
        var feed = Of(
            "a.rss",
            "<rss><channel><item><description>&lt;p&gt;escaped &lt;b&gt;page&lt;/b&gt;&lt;/p&gt;</description></item></channel></rss>"
        );
        Assert.Contains("escaped page", feed.Text);
    }

    [Fact]
    public void Pages_within_a_page_are_read()
    {
        var page = Of(
            "a.html",
            "<p>outer <map><area alt='areatext' href=x></map></p><iframe srcdoc='&lt;p&gt;framed &lt;b&gt;text&lt;/b&gt;&lt;/p&gt;'></iframe>"
                + "<x-card><template shadowrootmode=open><h2>Shadow</h2><p>rooted</p></template></x-card><template><p>never</p></template>"
        );

        page.Has(["outer", "areatext", "framed", "text", "Shadow", "rooted"]);
        Assert.DoesNotContain("never", page.Text);
    }

    [Fact]
    public void Letters_of_latex_and_underlined_titles_and_borders_are_understood()
    {
        var tex = Of(
            "a.tex",
            "\\section{Fran\\c{c}ois}\nStra\\ss e \\o re \\'{e}t\\'e {\\\"u}ber \\v{s}koda \\aa{}lesund \\omega na\\\"{\\i}ve\n"
        );
        tex.Has(["François", "Straße", "øre", "été", "über", "škoda", "ålesund", "naïve"]);

        var adoc = Of(
            "a.txt".Replace("txt", "adoc"),
            "git-log(1)\n==========\n\nNAME\n----\ngit-log - Show logs\n\nOPTIONS\n-------\n--follow::\n\tContinue.\n\n----\ncode here\n----\n"
        );
        Assert.Equal("git-log(1)", adoc.Documents[0].Title);
        Assert.Equal(["NAME", "OPTIONS"], adoc.Documents[0].Sections.Select(s => s.HeadingPath[^1]));
        adoc.Has(["Continue", "code", "here"]);

        var rst = Of(
            "a.rst",
            "Title\n=====\n\n==== ====\nColA ColB\n==== ====\none  two\n==== ====\n\n+-----+-----+\n| c   | d   |\n+=====+=====+\n| 1   | 2   |\n+-----+-----+\n"
        );
        rst.Has(["ColA", "ColB", "one", "two", "c", "d"]);
        Assert.DoesNotMatch("==|--", rst.Text);
    }

    [Fact]
    public void What_stands_beside_commands_of_latex_is_text_of_its_own()
    {
        var tex = Of(
            "a.tex",
            "\\section{First} behindsection\n\\paragraph{Second} behindparagraph \\textcolor{red}{colored}\n"
                + "See \\href{http://x.org}{linked} \\includegraphics[width=1cm]{x.png}\n"
                + "\\begin{tabular}{l|l}cella & \\multicolumn{2}{c}{cellb}\\end{tabular}\n"
                + "\\begin{theorem}[named]stated\\end{theorem} \\item[label] entry\n"
                + "before \\begin{lstlisting}[language=C,caption=captioned]\nint codeword;\n\\end{lstlisting} after\n"
                + "\\begin{verbatim}inline code\\end{verbatim} done\nlast line\n"
        );

        tex.Has(
            (
                "First behindsection Second behindparagraph colored linked cella cellb named stated label entry before captioned codeword after inline code "
                + "done last line"
            ).Split(' ')
        );
        Assert.DoesNotContain("width", tex.Text);
        Assert.DoesNotContain("language", tex.Text);
        // Parts of a line are on one line.
        Assert.Equal(1, tex.Documents[0].Sections.SelectMany(s => s.Lines).First().Line);
        Assert.Equal(9, tex.Documents[0].Sections.SelectMany(s => s.Lines).Last().Line);
    }

    [Fact]
    public void Colors_of_terminals_are_no_letters_of_words()
    {
        const string Esc = "\u001b";
        var log = Of("a.log", $"{Esc}[31mfailed{Esc}[0m to {Esc}[1;32mopen{Esc}[m {Esc}[2K{Esc}]plain\nnext\n");

        log.Has(["failed", "to", "open", "plain", "next"]);
        Assert.Equal(2, log.Documents[0].Sections[0].Text.Trim().Split('\n').Length);
    }

    [Fact]
    public void Errors_and_drawings_of_notebooks_are_read()
    {
        var notebook = Of(
            "a.ipynb",
            """
            {"cells":[{"cell_type":"code","source":"x","outputs":[
            {"output_type":"error","ename":"KeyError","evalue":"missingkey","traceback":["first frame","second frame"]},
            {"data":{"image/svg+xml":["<svg><text>drawnlabel</text></svg>"],"text/plain":["<o>"]}}]}]}
            """
        );

        notebook.Has(["KeyError", "missingkey", "first", "second", "frame", "drawnlabel"]);
    }

    [Fact]
    public void Outputs_of_notebooks_are_read_in_the_form_that_says_most()
    {
        var notebook = Of(
            "a.ipynb",
            """
            {"cells":[{"cell_type":"code","source":"x","outputs":[
            {"data":{"text/markdown":["**Shown** as markdown"],"text/plain":["<IPython.core.display.Markdown object>"]}},
            {"data":{"text/html":["<table><tr><td>htmlcell</td><td>another cell</td></tr></table>"],"text/plain":["<o>"]}},
            {"data":{"text/latex":["$latexvalue$"]}}]}]}
            """
        );

        notebook.Has(["Shown", "htmlcell", "latexvalue"]);
        Assert.DoesNotContain("IPython", notebook.Text);
    }

    [Fact]
    public void A_damaged_chapter_costs_no_other()
    {
        var book = Extracted.Of(
            _folder.Write(
                "a.epub",
                SampleFiles.Zip(
                    ("META-INF/container.xml", Encoding.UTF8.GetBytes("<c><rootfile full-path=\"O/p/p.opf\"/></c>")),
                    (
                        "O/p/p.opf",
                        Encoding.UTF8.GetBytes(
                            "<package><metadata><title>B</title></metadata><manifest><item id=\"a\" href=\"../t/a.xhtml\"/><item id=\"b\" href=\"b.xhtml\"/></manifest><spine><itemref idref=\"b\"/><itemref idref=\"a\"/></spine></package>"
                        )
                    ),
                    ("O/t/a.xhtml", Encoding.UTF8.GetBytes("<html><body><p>alphatext</p></body></html>")),
                    ("O/p/b.xhtml", [0, 1, 2, 3, 4, 0, 0, 0, 1, 1, 1, 1, 1])
                )
            )
        );

        book.Has(["alphatext"]);
        Assert.Contains("O/p/b.xhtml", Assert.Single(book.Warnings));
    }
}
