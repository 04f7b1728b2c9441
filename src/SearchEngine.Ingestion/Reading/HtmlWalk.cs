using System.Globalization;
using System.Text;
using AngleSharp.Dom;

namespace SearchEngine.Ingestion;

/// <summary>
/// Walks a page and gives its visible text to a <see cref="HeadingTrail"/>. Depth first without recursion: hostile pages nest deeper than
/// the stack. Used for one page.
/// </summary>
/// <param name="trail">Takes the text.</param>
/// <param name="layouts">Tables that lay the page out.</param>
/// <param name="depth">How many pages are around this one, as text in their elements.</param>
internal sealed class HtmlWalk(HeadingTrail trail, HashSet<INode> layouts, int depth)
{
    /// <summary>Pages within each other that are read as pages; what is deeper is markup made to harm, and stays as it stands.</summary>
    private const int MaxDepth = 4;

    /// <summary>Carries the line of the file, for HTML that was made from another format.</summary>
    internal const string LineAttribute = "data-source-line";

    private readonly InlineText _text = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly HashSet<INode> _postponed = [];
    private readonly Dictionary<INode, int> _numbers = [];
    private int? _line;

    /// <summary>Walks below a node, but not into nodes that were postponed.</summary>
    internal void Walk(INode root)
    {
        DomWalk.Run(root, node => Enter(node, isRoot: node == root), Leave);
        Flush();
    }

    /// <summary>Leaves a node for a later <see cref="Walk"/> of its own.</summary>
    internal void Postpone(INode node) => _postponed.Add(node);

    private void Flush()
    {
        var line = _text.Line;
        trail.Block(_text.Take(), line);
    }

    /// <summary>Takes a node's own text; false if its children are not to be visited.</summary>
    private bool Enter(INode node, bool isRoot)
    {
        if (node is IText leaf)
        {
            _text.Line ??= string.IsNullOrWhiteSpace(leaf.Data) ? null : _line;
            _text.Append(leaf.Data);
            return false;
        }

        if (node is not IElement element)
        {
            return true;
        }

        var name = element.LocalName;
        if (HtmlElements.LeftOut.Contains(name) || (!isRoot && _postponed.Contains(node)) || HtmlElements.IsPermalink(element))
        {
            return false;
        }

        if (element.GetAttribute(LineAttribute) is { } line)
        {
            _line = int.Parse(line, CultureInfo.InvariantCulture);
        }

        if (!HtmlElements.IsExplained(element))
        {
            TellAttributes(element);
        }

        if (Inner(element, out var replaces) is { } inner)
        {
            Flush();
            trail.Block(inner, _line);
            if (replaces)
            {
                return false;
            }
        }

        switch (name)
        {
            case "li" when element.ParentElement is { LocalName: "ol" } list:
                _text.NewLine();
                _text.Line ??= _line;
                _text.Append(Number(list, element) + ". ");
                return true;
            case "sup" when IsMark(element):
                // "word<sup>1</sup>" is a word and the mark of a note.
                _text.Space();
                return true;
            case ['h', >= '1' and <= '6']:
                Flush();
                trail.Heading(name[1] - '0', TextOf(element), _line);
                return false;
            case "pre" or "textarea" or "xmp" or "listing":
                Flush();
                trail.Code(RawText(element), _line);
                return false;
            case "table" when !layouts.Contains(element):
                Flush();
                foreach (var caption in element.Children.Where(c => c.LocalName == "caption"))
                {
                    trail.Block(TextOf(caption), _line);
                }

                var (rows, headers) = HtmlTables.Read(element, TextOf);
                trail.Table(rows, headers, _line);
                return false;
        }

        if (HtmlElements.Blocks.Contains(name))
        {
            Flush();
        }
        else if (HtmlElements.Lines.Contains(name))
        {
            _text.NewLine();
        }
        else if (HtmlElements.IsApart(element))
        {
            _text.Space();
        }

        return true;
    }

    /// <summary>
    /// The text of a page within an element: of a frame, of what stands in for one (markup that the parser keeps as text), or of what a
    /// component shows around what it holds. Null where there is none.
    /// </summary>
    /// <param name="element">The element.</param>
    /// <param name="replaces">Whether the element's children are that page, or are not shown beside it.</param>
    private string? Inner(IElement element, out bool replaces)
    {
        replaces = true;
        switch (element.LocalName)
        {
            case "iframe" when element.GetAttribute("srcdoc") is { Length: > 0 } page:
                return TextWithin(page);
            case "iframe" or "noembed" or "noframes" when element.FirstChild is IText raw:
                return TextWithin(raw.Data);
        }

        replaces = false;
        return element.ShadowRoot is { } shadow ? TextWithin(shadow.InnerHtml) : null;
    }

    private string TextWithin(string page) => depth < MaxDepth ? HtmlReader.PlainText(page, depth + 1) : page;

    private void Leave(INode node)
    {
        if (node is not IElement element)
        {
            return;
        }

        if (HtmlElements.IsExplained(element))
        {
            TellAttributes(element);
        }

        if (HtmlElements.Blocks.Contains(element.LocalName))
        {
            Flush();
        }
        else if (HtmlElements.IsApart(element))
        {
            _text.Space();
        }
        else if (element.LocalName is "li" or "dt" or "dd" or "option" or "tr")
        {
            _text.NewLine();
        }
    }

    /// <summary>The text of an element as one run, with spaces where blocks meet.</summary>
    private string TextOf(INode root)
    {
        var text = new StringBuilder();
        var open = new Stack<INode>();
        open.Push(root);
        while (open.TryPop(out var node))
        {
            if (node is IText leaf)
            {
                text.Append(leaf.Data.Replace("\u00ad", "", StringComparison.Ordinal));
                continue;
            }

            if (node is IElement element)
            {
                if (HtmlElements.LeftOut.Contains(element.LocalName) || (element != root && HtmlElements.IsPermalink(element)))
                {
                    continue;
                }

                AppendAttributes(element, text);
                if (AppendInner(element, text))
                {
                    continue;
                }

                if (
                    HtmlElements.Blocks.Contains(element.LocalName)
                    || HtmlElements.Lines.Contains(element.LocalName)
                    || HtmlElements.IsApart(element)
                    || (element.LocalName == "sup" && IsMark(element))
                )
                {
                    text.Append(' ');
                }
            }

            DomWalk.PushChildren(open, node);
        }

        return text.ToString();
    }

    private void AppendAttributes(IElement element, StringBuilder text)
    {
        foreach (var attribute in HtmlElements.AttributeTexts(element).Where(a => IsNews(a, element)))
        {
            text.Append(' ').Append(attribute).Append(' ');
        }
    }

    /// <summary>The text of a page within an element; whether its children are left out therefore.</summary>
    private bool AppendInner(IElement element, StringBuilder text)
    {
        if (Inner(element, out var replaces) is not { } inner)
        {
            return false;
        }

        text.Append(' ').Append(inner).Append(' ');
        return replaces;
    }

    private string RawText(INode root)
    {
        var text = new StringBuilder();
        var open = new Stack<INode>();
        open.Push(root);
        while (open.TryPop(out var node))
        {
            if (node is IText leaf)
            {
                text.Append(leaf.Data);
            }
            else if (node is IElement element && node != root)
            {
                if (HtmlElements.LeftOut.Contains(element.LocalName))
                {
                    continue;
                }

                if (element.LocalName is "br" or "div" or "p" or "li" or "tr" && text.Length > 0 && text[^1] != '\n')
                {
                    text.Append('\n');
                }

                AppendAttributes(element, text);
                if (AppendInner(element, text))
                {
                    continue;
                }
            }

            DomWalk.PushChildren(open, node);
        }

        return text.ToString();
    }

    private int Number(IElement list, IElement item)
    {
        var number =
            int.TryParse(item.GetAttribute("value"), CultureInfo.InvariantCulture, out var own) ? own
            : _numbers.TryGetValue(list, out var last) ? last + 1
            : int.TryParse(list.GetAttribute("start"), CultureInfo.InvariantCulture, out var start) ? start
            : 1;
        _numbers[list] = number;
        return number;
    }

    private static bool IsMark(IElement element) =>
        HtmlElements.ShortText(element) is { Length: > 0 and < 8 } mark
        && mark.Any(char.IsDigit)
        && mark.All(c => char.IsDigit(c) || c is '[' or ']' or ',' or ' ');

    private void TellAttributes(IElement element)
    {
        foreach (var text in HtmlElements.AttributeTexts(element).Where(text => IsNews(text, element)))
        {
            _text.Line ??= _line;
            _text.Space();
            _text.Append(text);
            _text.Space();
        }
    }

    /// <summary>
    /// Whether a text of an attribute says what neither its element nor an earlier attribute says. A text without spaces that is longer
    /// than any word is data.
    /// </summary>
    private bool IsNews(string text, IElement element) =>
        text.Any(char.IsLetterOrDigit)
        && (text.Length < HeadingTrail.MaxHeadingLength * 4 || text.Any(char.IsWhiteSpace))
        && !(element.FirstChild is IText { NextSibling: null } only && Says(only.Data, text))
        && _told.Add(text);

    /// <summary>Whether words stand in a text, as words of their own.</summary>
    private static bool Says(string text, string words)
    {
        var at = text.IndexOf(words, StringComparison.OrdinalIgnoreCase);
        return at >= 0
            && (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
            && (at + words.Length == text.Length || !char.IsLetterOrDigit(text[at + words.Length]));
    }
}
