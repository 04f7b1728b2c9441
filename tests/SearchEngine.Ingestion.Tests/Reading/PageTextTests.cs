using System.Text;
using SearchEngine.Ingestion.Tests.Formats;

namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>What people see of a page, where readers of pages have lost it: each piece by itself, so that a failure names it.</summary>
public sealed class PageTextTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Extracted Of(string name, string text) => Extracted.Of(_folder.Write(name, text));

    [Theory]
    [InlineData(
        "<form action=x><div><h1>Top</h1><p>all of the page</p><input type=hidden value=state></div></form>",
        "Top all of the page"
    )]
    [InlineData("<p>around it</p><aside><article>teaser</article></aside><p>behind it</p>", "around it teaser behind")]
    [InlineData("<main></main><p>beside an empty main</p>", "beside an empty main")]
    [InlineData("<main> <!-- filled later --> </main><div>the text</div>", "the text")]
    [InlineData("<div role=tabpanel hidden>second tab</div><section hidden=until-found>third</section>", "second tab third")]
    [InlineData("<button>press</button><button type=submit><span>send</span></button>", "press send")]
    [InlineData("<img src=x alt='a heron'><input type=image alt='go there'><area alt='north wing'>", "a heron go there north wing")]
    [InlineData(
        "<table><tr><td><p>first</p></td><td><p>one</p><p>two</p></td></tr><tr><td><div>second</div></td></tr></table>",
        "first one two second"
    )]
    [InlineData("<span title='what the icon means'>i</span> <iframe title=map></iframe>", "what the icon means i map")]
    [InlineData("<a href=x title='art'>party</a>", "art party")]
    [InlineData(
        "<select><optgroup label=north><option>york<option label=leeds></select><datalist><option value=hull></datalist>",
        "north york leeds hull"
    )]
    [InlineData("<pre>before <img alt=drawn> <a title=tip>x</a></pre>", "before drawn tip")]
    [InlineData("<svg><text><tspan x=0>upper</tspan><tspan x=0 dy=9>lower</tspan></text></svg>", "upper lower")]
    [InlineData("<math><mi>x</mi><mtext>where</mtext><annotation encoding='application/x-tex'>source</annotation></math>", "where source")]
    [InlineData(
        "<x-tab>one</x-tab><x-tab>two</x-tab><meter>three</meter><progress>four</progress><marquee>five</marquee>six",
        "one two three four five six"
    )]
    [InlineData(
        "<table><tr><td><iframe srcdoc='&lt;p&gt;framed&lt;/p&gt;'></iframe></td><td><noframes><p>instead</p></noframes></td></tr></table>",
        "framed instead"
    )]
    [InlineData("<table><tr><td><x-a><template shadowrootmode=open><p>rooted</p></template>held</x-a></td></tr></table>", "rooted held")]
    [InlineData("<h2><x-a><template shadowrootmode=open><b>heading</b></template></x-a></h2><p>text</p>", "heading text")]
    [InlineData("<plaintext>all <b>that follows", "all that follows")]
    public void All_that_a_page_shows_is_text(string html, string words) => Of("a.html", html).Has(words.Split(' '), html);

    [Fact]
    public void A_long_description_of_a_picture_is_text_and_data_is_none()
    {
        var description = string.Join(' ', Enumerable.Range(0, 800).Select(i => $"word{i}"));
        var page = Of("a.html", $"<p>text</p><img alt='{description}'><input value='{new string('A', 5000)}'>");

        page.Has(description.Split(' '));
        Assert.DoesNotContain("AAAA", page.Text);
    }

    [Fact]
    public void Marks_drawings_and_elements_are_no_text()
    {
        var page = Of(
            "a.html",
            "<h2 id=x>Section<a class=headerlink href='#x'>¶</a></h2><p>text</p><svg><path d='M10 20L30 40z'/><title>Drawn</title></svg>"
                + "<dl><dt>term<dd>meaning</dl>"
        );
        var markdown = Of(
            "b.md",
            "## Section\n\n<dl>\n<dt>term</dt>\n<dd>meaning</dd>\n</dl>\n\n<svg><path d='M10 20L30 40z'/></svg>\n\nend\n"
        );

        page.Has(["Section", "text", "Drawn", "term", "meaning"]);
        markdown.Has(["Section", "term", "meaning", "end"]);
        Assert.DoesNotMatch("¶|M10|</?d[ldt]>", page.Text + markdown.Text);
    }

    public static TheoryData<string> Closed { get; } =
    [
        "<script src='a.js'/>",
        "<script src='a.js' />",
        "<style type='text/css'/>",
        "<title/>",
        "<meta name='x' content='a>b'/><link rel='x'/>",
    ];

    [Theory]
    [MemberData(nameof(Closed))]
    public void In_pages_in_XML_an_element_that_closes_itself_takes_nothing_with_it(string head)
    {
        var page =
            $"<?xml version='1.0' encoding='utf-8'?>\n<html xmlns='http://www.w3.org/1999/xhtml'><head>{head}</head><body><h1>Chapter</h1>"
            + "<p>first<br/>line <![CDATA[a < b]]></p><iframe src='x'/><p>second</p><textarea/><a id='n'/><p>third</p><!-- <p>never</p> -->"
            + "<script>//<![CDATA[\nif (a<b) { x('</p>'); }\n//]]></script><p>last</p></body></html>";
        string[] words = ["Chapter", "first", "line", "a", "b", "second", "third", "last"];

        foreach (var name in new[] { "a.xhtml", "b.html" })
        {
            var read = Of(name, page);
            read.Has(words);
            Assert.DoesNotMatch("never|CDATA|x\\(", read.Text);
        }

        // Chapters of books are such pages.
        var book = Extracted.Of(
            _folder.Write(
                "a.epub",
                SampleFiles.Zip(
                    ("META-INF/container.xml", "<c><rootfile full-path=\"p.opf\"/></c>"u8.ToArray()),
                    (
                        "p.opf",
                        "<package><manifest><item id=\"a\" href=\"a.xhtml\"/></manifest><spine><itemref idref=\"a\"/></spine></package>"u8.ToArray()
                    ),
                    ("a.xhtml", Encoding.UTF8.GetBytes(page))
                )
            )
        );
        book.Has(words);
    }

    [Theory]
    [InlineData("<p>a</p><!-- open")]
    [InlineData("<p>a</p><![CDATA[open")]
    [InlineData("<p>a</p><b title=\"open")]
    [InlineData("<p>a</p><script>open")]
    [InlineData("<p>a</p><")]
    public void A_page_in_XML_that_ends_anywhere_is_read(string end) =>
        Of("a.xhtml", "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body>" + end).Has(["a"]);
}
