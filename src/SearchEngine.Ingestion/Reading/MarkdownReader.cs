using System.Text;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Extensions.Yaml;
using Markdig.Renderers;
using Markdig.Syntax;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads Markdown (CommonMark with tables, footnotes, lists and YAML front matter) as plain text: no link targets, no markup.
/// The title is the front matter's <c>title:</c>, else the first level-1 heading, else the file name.
/// </summary>
public sealed class MarkdownReader : IDocumentReader
{
    /// <summary>Above this many characters a file is read by its lines: the syntax tree takes some twenty times its size.</summary>
    private const int MaxParsedLength = 16 << 20;

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().UseAdvancedExtensions().Build();

    /// <inheritdoc />
    public string Name => "markdown";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".md", ".markdown", ".mdx", ".mkd"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        string text = TextDecoder.Decode(file.ReadAllBytes());
        cancellationToken.ThrowIfCancellationRequested();
        if (string.IsNullOrWhiteSpace(text))
            yield break;
        yield return Parse(text, file.Name, warn);
    }

    internal static SourceDocument Parse(string text, string fallbackTitle, Action<string, int?> warn)
    {
        var trail = new HeadingTrail();
        string? title = null;
        if (text.Length > MaxParsedLength)
        {
            ReadLines(text, trail);
        }
        else
        {
            MarkdownDocument? document = null;
            try
            {
                document = Markdown.Parse(text, Pipeline);
            }
            catch (ArgumentException e)
            {
                // Markdig refuses markup nested too deeply.
                warn($"Its markup was not understood ({e.Message}); it was read as plain lines.", null);
                ReadLines(text, trail);
            }
            if (document is not null)
                title = ReadBlocks(document, trail);
        }
        IReadOnlyList<SourceSection> sections = trail.Finish();
        title ??= trail.Title;
        if (sections.Count == 0 && title is not null)
            sections = [new SourceSection([], null, title)];
        return new SourceDocument { Title = title ?? fallbackTitle, Sections = sections };
    }

    private static string? ReadBlocks(MarkdownDocument document, HeadingTrail trail)
    {
        string? title = null;
        foreach (Block block in document)
        {
            switch (block)
            {
                case YamlFrontMatterBlock yaml:
                    title = TitleOf(yaml);
                    break;
                case HeadingBlock heading:
                    trail.Heading(heading.Level, Plain(heading));
                    break;
                case HtmlBlock html:
                    trail.Block(HtmlReader.PlainText(html.Lines.ToString()));
                    break;
                case Table table:
                    trail.Block(Plain(table));
                    break;
                case LinkReferenceDefinitionGroup:
                    break;
                default:
                    trail.Block(Plain(block));
                    break;
            }
        }
        return title;
    }

    private static string Plain(Table table)
    {
        var text = new StringBuilder();
        foreach (TableRow row in table.OfType<TableRow>())
            text.AppendJoin(" | ", row.OfType<TableCell>().Select(cell => HeadingTrail.OneLine(Plain(cell)))).Append('\n');
        return text.ToString();
    }

    private static string Plain(Block block)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        var renderer = new HtmlRenderer(writer)
        {
            EnableHtmlForBlock = false,
            EnableHtmlForInline = false,
            EnableHtmlEscape = false,
        };
        Pipeline.Setup(renderer);
        renderer.Render(block);
        writer.Flush();
        return writer.ToString();
    }

    private static string? TitleOf(YamlFrontMatterBlock yaml)
    {
        foreach (string line in yaml.Lines.ToString().Split('\n'))
        {
            if (line.StartsWith("title:", StringComparison.OrdinalIgnoreCase))
            {
                string value = line["title:".Length..].Trim().Trim('"', '\'').Trim();
                return value.Length == 0 ? null : value;
            }
        }
        return null;
    }

    /// <summary>Headings by their leading number signs; everything else as it stands.</summary>
    private static void ReadLines(string text, HeadingTrail trail)
    {
        var block = new StringBuilder();
        bool fenced = false;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("```") || line.StartsWith("~~~"))
                fenced = !fenced;
            int level = 0;
            while (level < line.Length && line[level] == '#')
                level++;
            if (!fenced && level is >= 1 and <= 6 && level < line.Length && line[level] == ' ')
            {
                trail.Block(block.ToString());
                block.Clear();
                trail.Heading(level, line[level..].Trim().TrimEnd('#').ToString());
            }
            else
            {
                block.Append(line).Append('\n');
            }
        }
        trail.Block(block.ToString());
    }
}
