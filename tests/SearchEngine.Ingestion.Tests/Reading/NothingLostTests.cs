using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;

namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>
/// Documents made at random, of which every visible word is known because each is another one: all of them must be in the chunks.
/// A second, dumb extractor (tags replaced by spaces) checks the generator itself.
/// </summary>
public sealed partial class NothingLostTests
{
    private static readonly string[] Containers =
    [
        "div",
        "section",
        "article",
        "main",
        "aside",
        "nav",
        "header",
        "footer",
        "form",
        "fieldset",
        "details",
        "blockquote",
        "figure",
        "dialog",
        "noscript",
        "div hidden",
        "div aria-hidden=\"true\"",
        "div style=\"display:none\"",
        "div role=\"tabpanel\" hidden",
        "custom-element",
        "ul><li",
        "ol><li",
        "dl><dd",
        "table><tr><td",
        "center",
        "object",
        "svg><text",
        "label",
        "button",
        "select><option",
    ];

    private static readonly string[] Leaves =
    [
        "p",
        "span",
        "b",
        "h1",
        "h2",
        "h3",
        "li",
        "dt",
        "dd",
        "button",
        "summary",
        "legend",
        "pre",
        "code",
        "a href=\"#x\"",
        "small",
        "figcaption",
        "label",
    ];

    private sealed class Words
    {
        private int _next;

        public List<string> All { get; } = [];

        public string Next()
        {
            All.Add($"w{_next++}x");
            return All[^1];
        }
    }

    private static string Open(string tag) => "<" + tag + ">";

    private static string Close(string tag) => string.Concat(tag.Split('>').Reverse().Select(t => $"</{t.TrimStart('<').Split(' ')[0]}>"));

    private static void Html(StringBuilder html, Random random, Words words, int depth)
    {
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            if (depth > 0 && random.Next(3) > 0)
            {
                var tag = Containers[random.Next(Containers.Length)];
                html.Append(Open(tag)).Append(random.Next(2) == 0 ? words.Next() + " " : "");
                if (!tag.Contains("option", StringComparison.Ordinal) && !tag.Contains("svg", StringComparison.Ordinal))
                {
                    Html(html, random, words, depth - 1);
                }

                html.Append(Close(tag)).Append('\n');
            }
            else if (random.Next(5) == 0)
            {
                html.Append(' ')
                    .Append(
                        random.Next(4) switch
                        {
                            0 => $"<img src=x alt='{words.Next()}'>",
                            1 =>
                                $"<table><thead><tr><th>{words.Next()}<th><p>{words.Next()}</p></thead><tbody><tr><td>{words.Next()}</td><td><div>{words.Next()}</div></td></tr></table>",
                            2 => $"<input type=submit value={words.Next()}>",
                            _ => $"<abbr title={words.Next()}>{words.Next()}</abbr><script>no</script>",
                        }
                    )
                    .Append(' ');
            }
            else
            {
                var tag = Leaves[random.Next(Leaves.Length)];
                html.Append(Open(tag)).Append(words.Next()).Append(' ').Append(words.Next()).Append(Close(tag)).Append(' ');
            }
        }
    }

    [Fact]
    public void Every_word_of_a_page_is_found()
    {
        using var folder = new TempFolder();
        Gen.Int.Sample(
            seed =>
            {
                var words = new Words();
                var html = new StringBuilder($"<html><head><title>{words.Next()}</title></head><body>");
                Html(html, new Random(seed), words, depth: 4);
                Assert.Equal(words.All.Order(), Word().Matches(WebUtility.HtmlDecode(html.ToString())).Select(m => m.Value).Order());
                Extracted.Of(folder.Write("page.html", html.ToString())).Has(words.All, $"of {html}");
            },
            iter: 400,
            seed: "0000KLR7q9Fb",
            threads: 1
        );
    }

    private static string Markdown(Random random, Words words, int depth)
    {
        string Line() => string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Inline()));
        string Inline() =>
            random.Next(16) switch
            {
                0 => $"*{words.Next()}*",
                1 => $"{{{words.Next()}}}",
                2 => $"[{words.Next()}](http://x.org \"{words.Next()}\")",
                3 => $"`{words.Next()}`",
                4 => $"List<{words.Next()}>",
                5 => $"![{words.Next()}](a.png)",
                6 => $"=={words.Next()}==",
                7 => $"${words.Next()}$",
                8 => $"<b>{words.Next()}</b>",
                9 => $"pre{{#{words.Next()} .{words.Next()}}}",
                10 => $"~~{words.Next()}~~",
                11 => $"the <script> {words.Next()}",
                _ => words.Next(),
            };
        var text = new StringBuilder();
        for (var i = random.Next(2, 6); i > 0; i--)
        {
            text.Append(
                random.Next(13) switch
                {
                    0 => $"{new string('#', random.Next(1, 6))} {Line()}\n\n",
                    1 => $"- {Line()}\n- {Line()}\n\n",
                    2 => $"1. {Line()}\n   {Line()}\n\n",
                    3 => $"> {Line()}\n>\n> {Line()}\n\n",
                    4 => $"```text title=\"{words.Next()}\"\n{words.Next()} <{words.Next()}>\n\n{words.Next()}\n```\n\n",
                    5 => $"| {words.Next()} | {words.Next()} |\n|---|---|\n| {words.Next()} | {words.Next()} | {words.Next()} |\n\n",
                    6 => $":::tip[{words.Next()} {words.Next()}]\n{Line()}\n:::\n\n",
                    7 => $":::warning {words.Next()}\n{Line()}\n:::\n\n",
                    8 => $"<details>\n<summary>{words.Next()}</summary>\n\n{Line()}\n\n</details>\n\n",
                    9 => $"<div>\n{words.Next()}\n\n    {words.Next()}\n\n</div>\n\n",
                    10 => $"{words.Next()}\n:   {Line()}\n\n",
                    11 when depth > 0 => Markdown(random, words, depth - 1),
                    _ => Line() + "\n\n",
                }
            );
        }

        return text.ToString();
    }

    [Fact]
    public void Every_word_of_a_Markdown_file_is_found()
    {
        using var folder = new TempFolder();
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var words = new Words();
                var text = Markdown(random, words, depth: 2);
                if (random.Next(2) == 0)
                {
                    text = $"---\ntitle: {words.Next()}\ndescription: {words.Next()}\ntags: [{words.Next()}, {words.Next()}]\n---\n" + text;
                }

                Assert.Equal(words.All.Order(), Word().Matches(text).Select(m => m.Value).Order());
                Extracted.Of(folder.Write("page.md", text)).Has(words.All, $"of {text}");
            },
            iter: 400,
            seed: "0000KLR7q9Fb",
            threads: 1
        );
    }

    [GeneratedRegex(@"w\d+x")]
    private static partial Regex Word();
}
