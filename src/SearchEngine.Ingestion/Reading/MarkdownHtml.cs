using System.Globalization;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.CustomContainers;
using Markdig.Extensions.Tables;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace SearchEngine.Ingestion;

/// <summary>
/// Turns Markdown into HTML whose text is all that the Markdown says: titles of containers are paragraphs, and what only looks like a tag
/// ("List&lt;string&gt;", "the &lt;script&gt; element") is text. Blocks carry the line they stand on.
/// </summary>
internal static partial class MarkdownHtml
{
    // Not the "advanced" set: its generic attributes take every {word} out of the text.
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UseAbbreviations()
        .UseAlertBlocks()
        .UseAutoLinks()
        .UseCitations()
        .UseCustomContainers()
        .UseDefinitionLists()
        .UseEmphasisExtras()
        .UseFigures()
        .UseFooters()
        .UseFootnotes()
        .UseGridTables()
        .UseMathematics()
        .UseListExtras()
        .UsePipeTables()
        .UseTaskLists()
        .Build();

    /// <summary>Elements that take what follows them out of the text, or out of its place, if they are not closed.</summary>
    private static readonly HashSet<string> Swallowing = new(StringComparer.OrdinalIgnoreCase)
    {
        "script",
        "style",
        "title",
        "textarea",
        "template",
        "noscript",
        "iframe",
        "xmp",
        "select",
        "svg",
        "math",
        "head",
        "plaintext",
        "noembed",
        "noframes",
        "frameset",
        "object",
        "canvas",
        "listing",
    };

    /// <exception cref="ArgumentException">It is nested too deeply.</exception>
    internal static string Of(string markdown, int linesBefore)
    {
        var document = Markdown.Parse(Unreferenced(markdown), Pipeline);
        var closed = ClosedNames(markdown);
        foreach (var node in document.Descendants().ToList())
        {
            switch (node)
            {
                case HtmlInline inline when !IsMarkup(inline.Tag, closed):
                    inline.ReplaceBy(new LiteralInline(inline.Tag));
                    break;
                case HtmlBlock block when !IsMarkup(block.Lines.ToString(), closed):
                    Replace(block, block.Lines.ToString());
                    break;
                case CustomContainer container:
                    container.Insert(0, Paragraph(Unwrapped(container.Info + " " + container.Arguments), container.Line));
                    break;
                case FencedCodeBlock { Arguments: { } arguments } code when Quoted().Match(arguments) is { Success: true } title:
                    code.Parent!.Insert(code.Parent.IndexOf(code), Paragraph(title.Groups[1].Value, code.Line));
                    break;
                case FencedCodeBlock { Info: ['{', .., '}'], Arguments: { Length: > 0 } words } directive:
                    // "```{admonition} Title": a directive of MyST, whose words are shown.
                    directive.Parent!.Insert(directive.Parent.IndexOf(directive), Paragraph(words, directive.Line));
                    break;
                case Table table:
                    // GFM drops cells beyond the header's; they are text.
                    table.NormalizeUsingMaxWidth();
                    break;
            }
        }

        foreach (var block in document.Descendants<Block>())
        {
            if (block is not (HtmlBlock or LinkReferenceDefinitionGroup or LinkReferenceDefinition))
            {
                block
                    .GetAttributes()
                    .AddProperty(HtmlWalk.LineAttribute, (block.Line + linesBefore + 1).ToString(CultureInfo.InvariantCulture));
            }
        }

        using var writer = new StringWriter { NewLine = "\n" };
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        if (renderer.ObjectRenderers.FindExact<CodeBlockRenderer>() is { } code2)
        {
            code2.OutputAttributesOnPre = true;
        }

        renderer.Render(document);
        writer.Flush();
        return writer.ToString();
    }

    /// <summary>
    /// Notes that nothing refers to and abbreviations that the text does not use are left out where Markdown is shown; here they stay, as the
    /// lines that they are.
    /// </summary>
    private static string Unreferenced(string markdown)
    {
        if (!markdown.Contains("[^", StringComparison.Ordinal) && !markdown.Contains("*[", StringComparison.Ordinal))
        {
            return markdown;
        }

        var references = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (Match reference in NoteReference().Matches(markdown))
        {
            references[reference.Value] = references.GetValueOrDefault(reference.Value) + 1;
        }

        var defined = AbbreviationDefinition().Matches(markdown).Select(match => match.Groups[2].Value).ToHashSet(StringComparer.Ordinal);
        var used =
            defined.Count == 0 ? [] : Word().Matches(AbbreviationDefinition().Replace(markdown, "")).Select(m => m.Value).ToHashSet();
        var shown = NoteDefinition().Replace(markdown, note => references[note.Groups[2].Value] > 1 ? note.Value : Escaped(note));
        return AbbreviationDefinition()
            .Replace(shown, abbreviation => used.Contains(abbreviation.Groups[2].Value) ? abbreviation.Value : Escaped(abbreviation));

        static string Escaped(Match match) => match.Groups[1].Value + "\\" + match.Value[match.Groups[1].Length..];
    }

    /// <summary>The names of all end tags.</summary>
    private static HashSet<string> ClosedNames(string markdown)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (
            var at = markdown.IndexOf("</", StringComparison.Ordinal);
            at >= 0;
            at = markdown.IndexOf("</", at + 2, StringComparison.Ordinal)
        )
        {
            var end = at + 2;
            while (end < markdown.Length && (char.IsAsciiLetterOrDigit(markdown[end]) || markdown[end] is ':' or '.' or '_' or '-'))
            {
                end++;
            }

            names.Add(markdown[(at + 2)..end]);
        }

        return names;
    }

    private static bool IsMarkup(string tag, HashSet<string> closed)
    {
        if (tag.StartsWith("<!--", StringComparison.Ordinal))
        {
            return tag.Contains("-->", StringComparison.Ordinal);
        }

        var match = TagName().Match(tag);
        if (!match.Success)
        {
            return true;
        }

        var name = match.Groups[2].Value;
        if (match.Groups[1].Length > 0)
        {
            return true;
        }

        if (HtmlElements.Void.Contains(name) || (tag.EndsWith("/>", StringComparison.Ordinal) && !Swallowing.Contains(name)))
        {
            return true;
        }

        return closed.Contains(name) || (!Swallowing.Contains(name) && (IsKnown(name) || tag.Contains('=', StringComparison.Ordinal)));
    }

    private static bool IsKnown(string name) =>
        HtmlElements.Blocks.Contains(name)
        || HtmlElements.Lines.Contains(name)
        || HtmlElements.Apart.Contains(name)
        || name.ToLowerInvariant()
            is "a"
                or "b"
                or "i"
                or "u"
                or "s"
                or "em"
                or "strong"
                or "span"
                or "code"
                or "kbd"
                or "sub"
                or "sup"
                or "small"
                or "big"
                or "font"
                or "mark"
                or "del"
                or "ins"
                or "q"
                or "cite"
                or "abbr"
                or "var"
                or "samp"
                or "time"
                or "tt"
                or "strike"
                or "picture"
                or "h1"
                or "h2"
                or "h3"
                or "h4"
                or "h5"
                or "h6"
                or "html"
                or "colgroup"
                or "ruby";

    /// <summary>The words of a container's head: all but its attributes, of which a title is shown.</summary>
    private static string Unwrapped(string text) =>
        HeadingTrail.OneLine(
            (
                text.Length > HeadingTrail.MaxHeadingLength
                    ? text
                    : Attributes()
                        .Replace(
                            text,
                            attributes => Quoted().Match(attributes.Value) is { Success: true } title ? $" {title.Groups[1].Value} " : " "
                        )
            )
                .Replace('[', ' ')
                .Replace(']', ' ')
        );

    private static void Replace(HtmlBlock block, string text)
    {
        var parent = block.Parent!;
        var at = parent.IndexOf(block);
        parent.RemoveAt(at);
        parent.Insert(at, Paragraph(text, block.Line));
    }

    private static ParagraphBlock Paragraph(string text, int line)
    {
        var inlines = new ContainerInline();
        inlines.AppendChild(new LiteralInline(text));
        return new ParagraphBlock { Inline = inlines, Line = line };
    }

    [GeneratedRegex(@"^\s*<(/?)([A-Za-z][A-Za-z0-9:._-]*)")]
    private static partial Regex TagName();

    [GeneratedRegex(@"\[\^[^\]\s]{1,200}\]")]
    private static partial Regex NoteReference();

    [GeneratedRegex(@"^( {0,3})(\[\^[^\]\s]{1,200}\])(?=:)", RegexOptions.Multiline)]
    private static partial Regex NoteDefinition();

    [GeneratedRegex(@"^( {0,3})\*\[([^\]\n]{1,200})\](?=:)", RegexOptions.Multiline)]
    private static partial Regex AbbreviationDefinition();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Attributes();

    [GeneratedRegex("title\\s*=\\s*[\"']([^\"']+)[\"']")]
    private static partial Regex Quoted();
}
