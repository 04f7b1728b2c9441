using System.Text.RegularExpressions;

namespace SearchEngine.Cli.Tests;

/// <summary>
/// Files on which an earlier edition lost text, the whole way: ingested by the command line, shown whole by it, and each found by words that
/// were lost.
/// </summary>
public sealed partial class CaseTests(IngestedCases cases) : IClassFixture<IngestedCases>
{
    public static TheoryData<string, string, string> Cases { get; } =
        new()
        {
            // file; all words that are shown; words of one passage that finds it first
            { "braces.md", "orderid lineno SERVER_NAME timeout Red act ed kept", "orderid lineno" },
            {
                "admonition.md",
                "Do not unplug the gizmotron wombat Custom bracketheading Inner2 quotedtitle numbat alerttext Callouttitle calloutbody",
                "Do not unplug the gizmotron"
            },
            { "foldedtitle.md", "Folded multilinetitle echidna", "folded multilinetitle" },
            {
                "frontmatter-h1.md",
                "Install guide obtain quxdescription zebratag Getting started Frobnicator Body",
                "install guide frobnicator"
            },
            { "headonly.md", "History Releases Changes short 40", "releases changes history" },
            { "onearticle.html", "One Main maincontentword Related teaserword", "maincontentword" },
            { "aspnet.html", "Support Returns marsupialpolicy", "marsupialpolicy returns" },
            { "table.html", "Format C Type Size x pad byte h short 2", "pad byte short" },
            {
                "odd.jsonl",
                "bodyrealtext partsrealtext textfieldword contentfieldword summaryword tagword chatmessageword promptword completionword capitaltextword "
                    + "nestedword questionword answerword contextword abstractword arrayword duplicatekeyword fine duplicateidword logmessageword",
                "nestedword"
            },
            { "sjis.txt", "日本語の文書検索エンジンは文字コードを判定します", "文字コードを判定" },
            { "onebad.txt", "good utf8 café here quoted", "café utf8" },
            { "foot.docx", "Footnotezebra Heading A Proptitle Col1 cellb codeline Quoteblock", "footnotezebra" },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_word_is_shown_and_finds_its_file(string file, string words, string query)
    {
        var shown = (await cases.RunAsync("document", "show", $"cases/{file}")).Expect(0).Out;
        foreach (var word in words.Split(' '))
            Assert.Matches(new Regex($@"(?<![\p{{L}}\p{{N}}]){Regex.Escape(word)}(?![\p{{L}}\p{{N}}])"), shown);
        Assert.DoesNotMatch(Markup(), shown);

        var found = (await cases.RunAsync("search", query, "--mode", "keyword", "--json")).Expect(0).Json;
        var hits = found.GetProperty("hits").EnumerateArray().ToList();
        Assert.Equal($"cases/{file}", hits[0].GetProperty("source").GetString());
    }

    [Fact]
    public async Task No_passage_is_a_heading_alone()
    {
        foreach (var query in new[] { "history", "releases", "changes" })
        {
            var found = (await cases.RunAsync("search", query, "--mode", "keyword", "--path", "headonly.md", "--json")).Expect(0).Json;
            var hits = found.GetProperty("hits").EnumerateArray().ToList();
            Assert.NotEmpty(hits);
            Assert.All(
                hits,
                hit => Assert.DoesNotContain(hit.GetProperty("text").GetString()!.Trim(), (string[])["History", "Releases", "Changes"])
            );
        }
    }

    [Fact]
    public void Every_record_with_text_is_a_document_and_nothing_is_warned_of()
    {
        var report = cases.Ingest.Expect(0).Json;
        var records = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Cases", "odd.jsonl")).Count(line => line.Length > 0);

        Assert.Equal(12, report.GetProperty("files").GetProperty("read").GetInt32());
        Assert.Equal(11 + records, report.GetProperty("documents").GetInt32());
        Assert.Empty(report.GetProperty("failed").EnumerateArray());
        Assert.Empty(report.GetProperty("warnings").EnumerateArray());
        Assert.Empty(report.GetProperty("passedOver").EnumerateArray());
    }

    [GeneratedRegex(":::|>-|</?(div|p|td|form)")]
    private static partial Regex Markup();
}
