namespace SearchEngine.Ingestion;

/// <summary>
/// Reads Markdown: CommonMark with tables, footnotes, definition lists, admonitions and mathematics, with HTML and components of MDX in it,
/// and with front matter (YAML or TOML). No link targets, no markup. It is turned into HTML and read as such, so that both have one notion
/// of text. The title is the front matter's, else the first level-1 heading, else the file name.
/// </summary>
public sealed class MarkdownReader : IDocumentReader
{
    /// <summary>Above this many characters a file is read by its lines: the syntax tree takes some twenty times its size.</summary>
    private const int MaxParsedLength = 16 << 20;

    /// <inheritdoc />
    public string Name => "markdown";

    /// <inheritdoc />
    public int Version => 5;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".md", ".markdown", ".mdx", ".mkd", ".mdown", ".mkdn", ".rmd", ".qmd"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var text = TextDecoder.Decode(file.ReadAllBytes(), file.Encoding);
        cancellationToken.ThrowIfCancellationRequested();
        if (!string.IsNullOrWhiteSpace(text) && Parse(text, file.Name, warn) is { } document)
        {
            yield return document;
        }
    }

    /// <summary>The document of a text; null where it says nothing.</summary>
    internal static SourceDocument? Parse(string text, string fallbackTitle, Action<string, int?> warn)
    {
        var matter = FrontMatter.Of(text, warn);
        var body = text[matter.Length..];
        if (MarkupDepth.IsTooDeepMarkdown(body))
        {
            warn(
                $"Its markup was not understood (more than {MarkupDepth.MostBlocks} quotes and lists in each other); it was read as plain lines.",
                null
            );
        }
        else if (MarkupDepth.HasEndlessLinks(body))
        {
            warn(
                $"Its markup was not understood (more than {MarkupDepth.MostOpenLinks} links have no end); it was read as plain lines.",
                null
            );
        }
        else if (body.Length <= MaxParsedLength)
        {
            try
            {
                var html = MarkdownHtml.Of(body, matter.Lines);
                return HtmlReader.Parse(html, fallbackTitle, matter.Title ?? "", matter.WriteTo, matter.Properties);
            }
            catch (ArgumentException e)
            {
                // Markdig refuses markup nested too deeply.
                warn($"Its markup was not understood ({e.Message}); it was read as plain lines.", null);
            }
        }

        var trail = new HeadingTrail();
        matter.WriteTo(trail);
        ReadLines(body, matter.Lines, trail);
        return trail.Finish(matter.Title, fallbackTitle, matter.Properties);
    }

    /// <summary>Headings by their leading number signs; everything else as it stands.</summary>
    private static void ReadLines(string text, int linesBefore, HeadingTrail trail)
    {
        // A block ends at a heading, or at a blank line once it is long.
        const int LongBlock = 1 << 14;
        var fenced = false;
        var number = linesBefore;
        var start = 0;
        var startLine = number + 1;
        for (var at = 0; at < text.Length; )
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end;
            var line = text.AsSpan(at, end - at);
            number++;
            if (line.StartsWith("```") || line.StartsWith("~~~"))
            {
                fenced = !fenced;
            }

            var level = line.IndexOfAnyExcept('#');
            var isHeading = !fenced && level is >= 1 and <= 6 && line[level] == ' ';
            if (isHeading || (line.IsWhiteSpace() && at - start > LongBlock))
            {
                trail.Block(text[start..at], startLine);
                start = Math.Min(end + 1, text.Length);
                startLine = number + 1;
            }

            if (isHeading)
            {
                trail.Heading(level, line[level..].Trim().TrimEnd('#').ToString(), number);
            }

            at = end + 1;
        }

        trail.Block(text[start..], startLine);
    }
}
