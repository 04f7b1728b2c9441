using System.Globalization;
using System.Text;
using SearchEngine.Cli.Databases;
using SearchEngine.Cli.Output;
using Spectre.Console;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>Hits for people: coloured on a terminal; plain, with <c>**</c> around the matches, in a pipe.</summary>
internal sealed class HitWriter(CliConsole console)
{
    private const string Indent = "   ";
    private const int WidestLine = 100;

    public void Write(IReadOnlyList<GroupedHit> hits, int skipped, bool explain)
    {
        for (var i = 0; i < hits.Count; i++)
        {
            if (i > 0)
                console.Out.WriteLine();
            Write(hits[i], skipped + i + 1, explain);
        }
    }

    private void Write(GroupedHit grouped, int rank, bool explain)
    {
        var hit = grouped.Hit;
        var title = ChunkFields.TextOf(hit.Document, ChunkFields.Title) ?? hit.Key.ToString();
        if (console.OutputIsTerminal)
        {
            Markup($"{rank}. [bold]{Escape(title)}[/]  [grey]{Format.Score(hit.Score)}[/]");
            if (PlaceOf(grouped) is { } place)
                Markup($"{Indent}[cyan]{Escape(place)}[/]");
            if (SnippetOf(hit, "[black on yellow]", "[/]", Escape) is { } snippet)
                WriteWrapped(snippet);
            if (explain)
            {
                foreach (var line in Explain(hit))
                    Markup($"{Indent}[grey]{Escape(line)}[/]");
            }
            return;
        }

        console.Out.WriteLine($"{rank}. {title}  {Format.Score(hit.Score)}");
        if (PlaceOf(grouped) is { } where)
            console.Out.WriteLine(Indent + where);
        if (SnippetOf(hit, "**", "**", text => text) is { } plain)
            console.Out.WriteLine(Indent + plain);
        if (explain)
        {
            foreach (var line in Explain(hit))
                console.Out.WriteLine(Indent + line);
        }
    }

    private static string? PlaceOf(GroupedHit grouped)
    {
        var hit = grouped.Hit;
        var source = grouped.Path;
        var heading = ChunkFields.TextOf(hit.Document, ChunkFields.Heading);
        if (heading is not null && heading == ChunkFields.TextOf(hit.Document, ChunkFields.Title))
            heading = null;
        var parts = new List<string>(3);
        if (source is not null)
        {
            parts.Add(
                SourcePath.ForDisplay(source)
                    + (ChunkFields.NumberOf(hit.Document, ChunkFields.Line) is { } line ? $":{line}" : string.Empty)
            );
        }
        if (ChunkFields.PageOf(hit.Document) is { } page)
            parts.Add($"page {page.ToString(CultureInfo.InvariantCulture)}");
        if (heading is not null)
            parts.Add(heading);
        if (grouped.MorePassages > 0)
            parts.Add($"and {Format.Count(grouped.MorePassages, "more passage")}");
        if (grouped.Copies.Count > 0)
            parts.Add("also " + string.Join(", ", grouped.Copies.Select(SourcePath.ForDisplay)));
        return parts.Count == 0 ? null : OneLine(string.Join(" › ", parts));
    }

    private static string? SnippetOf(SearchHit hit, string open, string close, Func<string, string> encode)
    {
        if (hit.Snippet is not { Text.Length: > 0 } snippet)
            return null;
        // Line breaks become spaces one for one, so that the spans stay right.
        var text = OneLine(snippet.Text);
        var marked = new StringBuilder();
        var at = 0;
        foreach (var match in snippet.Matches)
        {
            marked
                .Append(encode(text[at..match.Start]))
                .Append(open)
                .Append(encode(text.Substring(match.Start, match.Length)))
                .Append(close);
            at = match.Start + match.Length;
        }

        return marked.Append(encode(text[at..])).ToString();
    }

    private static IEnumerable<string> Explain(SearchHit hit)
    {
        if (hit.Explanation is not { } explanation)
            yield break;
        yield return $"fused {Format.Score(explanation.Fused)} = vector {Ranker(explanation.Vector)} + keyword {Ranker(explanation.Keyword)}"
            + (explanation.Reranker is { } reranker ? $" + reranker {Ranker(reranker)}" : string.Empty)
            + string.Concat(explanation.Boosts.Select(b => $" + {b.Field} {Format.Score(b.Contribution)} (value {Format.Score(b.Value)})"));
        if (explanation.Vectors.Count > 0)
        {
            yield return "vectors "
                + string.Join(
                    ", ",
                    explanation.Vectors.Select(v => $"{v.Field} {Ranker(new RankerExplanation(v.Rank, v.Score, v.Contribution))}")
                );
        }
        if (explanation.Diversity is { } chosen)
        {
            yield return $"chosen before others by {Format.Score(chosen.Value)}: was rank {chosen.Rank.ToString(CultureInfo.InvariantCulture)}, "
                + $"relevance {Format.Score(chosen.Relevance)}, like a hit before it {Format.Score(chosen.Similarity)}";
        }
        if (explanation.Terms.Count > 0)
        {
            yield return "terms "
                + string.Join(", ", explanation.Terms.Select(term => $"{term.Field}:{term.Term} {Format.Score(term.Score)}"));
        }
    }

    private static string Ranker(RankerExplanation? ranker) =>
        ranker is null
            ? "–"
            : $"{Format.Score(ranker.Contribution)} (rank {ranker.Rank.ToString(CultureInfo.InvariantCulture)}, score {Format.Score(ranker.Score)})";

    private void WriteWrapped(string markup)
    {
        var width = Math.Clamp(console.OutAnsi.Profile.Width, 20, WidestLine);
        console.OutAnsi.Write(
            new Padder(new Markup(markup), new Padding(Indent.Length, 0, Math.Max(0, console.OutAnsi.Profile.Width - width), 0))
        );
    }

    private void Markup(string line) => console.OutAnsi.MarkupLine(line);

    private static string Escape(string text) => Spectre.Console.Markup.Escape(text);

    /// <summary>Control characters, escape codes among them, become spaces: a document must not steer the terminal.</summary>
    private static string OneLine(string text) =>
        string.Create(
            text.Length,
            text,
            static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        );
}
