using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads HTML as text by headings h1 to h6. Scripts, styles, navigation and hidden parts are left out; if there is a
/// <c>main</c> or a single <c>article</c>, only that is read. The title is the <c>title</c> element, else the first h1, else the file name.
/// </summary>
public sealed partial class HtmlReader : IDocumentReader
{
    /// <summary>Where an encoding may be declared, as browsers look for it.</summary>
    private const int DeclarationBytes = 1024;

    private static readonly HashSet<string> LeftOut = new(StringComparer.OrdinalIgnoreCase)
    {
        "script", "style", "noscript", "template", "nav", "svg", "canvas", "iframe", "object", "button", "select", "head", "form", "dialog",
    };

    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "p", "div", "section", "article", "main", "header", "footer", "aside", "ul", "ol", "dl", "table", "blockquote", "pre", "figure", "figcaption",
        "address", "hr", "body", "details", "summary", "fieldset",
    };

    private static readonly HashSet<string> Lines = new(StringComparer.OrdinalIgnoreCase) { "br", "li", "dt", "dd", "tr", "caption" };

    /// <inheritdoc />
    public string Name => "html";

    /// <inheritdoc />
    public int Version => 1;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".html", ".htm", ".xhtml"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        byte[] bytes = file.ReadAllBytes();
        string start = Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, DeclarationBytes));
        Match declared = DeclaredCharset().Match(start);
        string html = TextDecoder.Decode(bytes, declared.Success ? TextDecoder.Find(declared.Groups[1].Value) : null);
        cancellationToken.ThrowIfCancellationRequested();
        if (string.IsNullOrWhiteSpace(html))
            yield break;
        yield return Parse(html, file.Name);
    }

    internal static SourceDocument Parse(string html, string fallbackTitle)
    {
        using IHtmlDocument document = new HtmlParser().ParseDocument(html);
        var trail = new HeadingTrail();
        IHtmlCollection<IElement> articles = document.QuerySelectorAll("article");
        INode root = document.QuerySelector("main") ?? (articles.Length == 1 ? articles[0] : null) ?? document.Body ?? (INode)document;
        Walk(root, trail);
        IReadOnlyList<SourceSection> sections = trail.Finish();
        string? title = HeadingTrail.OneLine(document.Title ?? "") is { Length: > 0 } own ? own : trail.Title;
        if (sections.Count == 0 && title is not null)
            sections = [new SourceSection([], null, title)];
        return new SourceDocument { Title = title ?? fallbackTitle, Sections = sections };
    }

    /// <summary>The text of a fragment of HTML.</summary>
    internal static string PlainText(string html)
    {
        using IHtmlDocument document = new HtmlParser().ParseDocument(html);
        var trail = new HeadingTrail();
        Walk(document.Body ?? (INode)document, trail);
        return string.Join("\n\n", trail.Finish().SelectMany(s => s.HeadingPath.Append(s.Text)).Prepend(trail.Title).Where(t => !string.IsNullOrEmpty(t)));
    }

    /// <summary>Depth first without recursion: hostile pages nest deeper than the stack.</summary>
    private static void Walk(INode root, HeadingTrail trail)
    {
        var text = new TextBuffer();
        INode node = root;
        while (true)
        {
            if (Enter(node, text, trail) && node.FirstChild is { } child)
            {
                node = child;
                continue;
            }
            while (node != root && node.NextSibling is null && node.Parent is { } parent)
            {
                node = parent;
                if (node is IElement closed && Blocks.Contains(closed.LocalName))
                    trail.Block(text.Take());
            }
            if (node == root || node.NextSibling is not { } next)
                break;
            if (node is IElement left && Blocks.Contains(left.LocalName))
                trail.Block(text.Take());
            node = next;
        }
        trail.Block(text.Take());
    }

    /// <summary>Takes a node's own text; false if its children are not to be visited.</summary>
    private static bool Enter(INode node, TextBuffer text, HeadingTrail trail)
    {
        if (node is IText leaf)
        {
            text.Append(leaf.Data);
            return false;
        }
        if (node is not IElement element)
            return true;
        string name = element.LocalName;
        if (LeftOut.Contains(name) || element.HasAttribute("hidden") || element.GetAttribute("aria-hidden") == "true")
            return false;
        if (name is ['h', >= '1' and <= '6'])
        {
            trail.Block(text.Take());
            trail.Heading(name[1] - '0', RawText(element));
            return false;
        }
        if (name == "pre")
        {
            trail.Block(text.Take());
            trail.Block(RawText(element));
            return false;
        }
        if (Blocks.Contains(name))
            trail.Block(text.Take());
        else if (Lines.Contains(name))
            text.NewLine();
        else if (name is "td" or "th")
            text.Cell();
        return true;
    }

    private static string RawText(INode root)
    {
        var text = new StringBuilder();
        var open = new Stack<INode>();
        open.Push(root);
        while (open.TryPop(out INode? node))
        {
            if (node is IText leaf)
                text.Append(leaf.Data);
            for (INode? child = node.LastChild; child is not null; child = child.PreviousSibling)
                open.Push(child);
        }
        return text.ToString();
    }

    [GeneratedRegex("charset\\s*=\\s*[\"']?\\s*([A-Za-z0-9_:.-]+)", RegexOptions.IgnoreCase)]
    private static partial Regex DeclaredCharset();

    /// <summary>Text with white space collapsed as a browser does.</summary>
    private sealed class TextBuffer
    {
        private readonly StringBuilder _text = new();

        internal void Append(string data)
        {
            foreach (char c in data)
            {
                if (c is ' ' or '\n' or '\t' or '\r' or '\f')
                {
                    if (_text.Length > 0 && _text[^1] is not (' ' or '\n'))
                        _text.Append(' ');
                }
                else
                {
                    _text.Append(c);
                }
            }
        }

        internal void NewLine()
        {
            if (_text.Length == 0 || _text[^1] == '\n')
                return;
            if (_text[^1] == ' ')
                _text.Length--;
            _text.Append('\n');
        }

        internal void Cell()
        {
            if (_text.Length > 0 && _text[^1] != '\n')
                _text.Append(_text[^1] == ' ' ? "| " : " | ");
        }

        internal string Take()
        {
            string text = _text.ToString();
            _text.Clear();
            return text;
        }
    }
}
