using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads HTML as text by headings h1 to h6: everything that a browser can show, hidden panels, form controls and alternative texts
/// included; only scripts and styles are left out. What frames the page (navigation, header, footer, asides) and what stands around a
/// <c>main</c> comes last. The title is the <c>title</c> element, else the first h1, else the file name.
/// </summary>
public sealed class HtmlReader : IDocumentReader
{
    /// <inheritdoc />
    public string Name => "html";

    /// <inheritdoc />
    public int Version => 4;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".html", ".htm", ".xhtml", ".xht", ".shtml"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var bytes = file.ReadAllBytes();
        var html = TextDecoder.Decode(bytes, file.Encoding, DeclaredEncoding.InHtml(bytes));
        cancellationToken.ThrowIfCancellationRequested();
        if (!string.IsNullOrWhiteSpace(html) && Parse(html, file.Name) is { } document)
        {
            yield return document;
        }
    }

    /// <summary>The document of a page; null where it has no text.</summary>
    internal static SourceDocument? Parse(
        string html,
        string fallbackTitle,
        string? title = null,
        Action<HeadingTrail>? before = null,
        IReadOnlyDictionary<string, string>? properties = null,
        int depth = 0
    )
    {
        html = Xhtml.Is(html) ? Xhtml.ToHtml(html) : html;
        MarkupDepth.RequireHtml(html);
        // Scripting as in a browser without it: what "noscript" holds is parsed.
        using var document = new HtmlParser(new HtmlParserOptions { IsScripting = false }).ParseDocument(html);
        var trail = new HeadingTrail();
        before?.Invoke(trail);
        WalkPage(document, trail, depth);
        return trail.Finish(title ?? document.Title, fallbackTitle, properties);
    }

    /// <summary>The text of a fragment of HTML.</summary>
    internal static string PlainText(string html, int depth = 0)
    {
        var parsed = Parse(html, "", depth: depth);
        if (parsed is null)
        {
            return "";
        }

        var lines = parsed.Sections.SelectMany(s => s.HeadingPath.Append(s.Text)).Prepend(parsed.Title).Where(t => t.Length > 0);
        return string.Join("\n\n", lines.Distinct());
    }

    private static void WalkPage(IHtmlDocument document, HeadingTrail trail, int depth)
    {
        var body = document.Body ?? (INode)document;
        var walk = new HtmlWalk(trail, HtmlTables.Layouts(body), depth);
        var frames = new List<INode>();
        foreach (var element in document.QuerySelectorAll("nav, aside, header, footer, [role]").Where(HtmlElements.IsFrame))
        {
            // A frame inside another goes with it.
            if (frames.Count == 0 || !frames[^1].Contains(element))
            {
                frames.Add(element);
                walk.Postpone(element);
            }
        }

        var mains = new List<IElement>();
        foreach (var main in document.QuerySelectorAll("main, [role=main]"))
        {
            // In the order of the page: one inside another comes behind it.
            if (mains.Count == 0 || !mains[^1].Contains(main))
            {
                mains.Add(main);
            }
        }

        mains.RemoveAll(m => string.IsNullOrWhiteSpace(m.TextContent));
        foreach (var main in mains)
        {
            walk.Walk(main);
            walk.Postpone(main);
        }

        if (mains.Count > 0)
        {
            trail.LeaveHeadings();
        }

        walk.Walk(body);
        foreach (var alternative in document.Head?.QuerySelectorAll("noframes").ToArray() ?? [])
        {
            walk.Walk(alternative);
        }

        foreach (var frame in frames)
        {
            trail.LeaveHeadings();
            walk.Walk(frame);
        }
    }
}
