using AngleSharp.Dom;

namespace SearchEngine.Ingestion;

/// <summary>What elements of HTML mean for its text.</summary>
internal static class HtmlElements
{
    /// <summary>What no browser shows as text.</summary>
    internal static readonly HashSet<string> LeftOut = new(StringComparer.OrdinalIgnoreCase)
    {
        "script",
        "style",
        "template",
        "head",
        "base",
        "link",
        "meta",
        "param",
        "source",
    };

    /// <summary>Elements without an end tag.</summary>
    internal static readonly HashSet<string> Void = new(StringComparer.OrdinalIgnoreCase)
    {
        "br",
        "hr",
        "img",
        "input",
        "wbr",
        "area",
        "base",
        "col",
        "embed",
        "link",
        "meta",
        "source",
        "track",
        "param",
    };

    internal static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "aside",
        "nav",
        "ul",
        "ol",
        "dl",
        "table",
        "blockquote",
        "pre",
        "figure",
        "figcaption",
        "address",
        "hr",
        "body",
        "details",
        "summary",
        "fieldset",
        "legend",
        "form",
        "dialog",
        "menu",
        "search",
        "center",
        "marquee",
        "iframe",
        "noscript",
        "object",
        "canvas",
        "video",
        "audio",
        "svg",
        "math",
        "tbody",
        "thead",
        "tfoot",
        "td",
        "th",
        "caption",
    };

    /// <summary>Elements that start on a line of their own inside a block.</summary>
    internal static readonly HashSet<string> Lines = new(StringComparer.OrdinalIgnoreCase)
    {
        "br",
        "li",
        "dt",
        "dd",
        "tr",
        "option",
        "optgroup",
    };

    /// <summary>Inline elements that stand apart from the words beside them.</summary>
    internal static readonly HashSet<string> Apart = new(StringComparer.OrdinalIgnoreCase)
    {
        "button",
        "select",
        "textarea",
        "label",
        "output",
        "rt",
        "rp",
        "text",
        "desc",
        "title",
        "meter",
        "progress",
        "mtext",
        "mtr",
        "mtd",
        "annotation",
    };

    /// <summary>
    /// Whether an element stands apart from the words beside it: one of those above, a component, whose layout nobody knows here, or a
    /// part of a drawing's text that has a place of its own.
    /// </summary>
    internal static bool IsApart(IElement element) =>
        Apart.Contains(element.LocalName)
        || IsComponent(element)
        || (element.LocalName == "tspan" && (element.HasAttribute("x") || element.HasAttribute("y") || element.HasAttribute("dy")));

    private static bool IsComponent(IElement element) =>
        element is AngleSharp.Html.Dom.IHtmlUnknownElement || element.LocalName.Contains('-', StringComparison.Ordinal);

    /// <summary>What frames a page; it is read after the rest.</summary>
    internal static bool IsFrame(IElement element) =>
        element.LocalName is "nav" or "aside"
        || element.GetAttribute("role") is "navigation" or "banner" or "contentinfo" or "complementary" or "search"
        || (
            element.LocalName is "header" or "footer"
            && !IsInside(element, "article", "main", "section", "blockquote", "td", "figure", "details")
        );

    /// <summary>"¶", "#" and their like behind headings.</summary>
    internal static bool IsPermalink(IElement element) =>
        element.LocalName == "a"
        && element.HasAttribute("href")
        && ShortText(element)?.Trim() is "¶" or "#" or "§" or "🔗" or "\uf0c1" or "↩" or "↩︎";

    /// <summary>The text of an element that holds a mark and hardly more; null where it holds more. Bounded, whatever it nests.</summary>
    internal static string? ShortText(INode root)
    {
        const int MaxLength = 16;
        const int MaxNodes = 32;
        var text = "";
        var open = new Stack<INode>();
        open.Push(root);
        for (var i = 0; open.TryPop(out var node); i++)
        {
            text += node is IText leaf ? leaf.Data : "";
            if (text.Length > MaxLength || i > MaxNodes || node.ChildNodes.Length > MaxNodes)
            {
                return null;
            }

            DomWalk.PushChildren(open, node);
        }

        return text;
    }

    /// <summary>Whether what an element's attributes say explains its text, and so comes after it.</summary>
    internal static bool IsExplained(IElement element) => element.LocalName is "abbr" or "acronym" or "dfn" or "a";

    /// <summary>Text that stands in attributes, in the order in which it is shown.</summary>
    internal static IEnumerable<string> AttributeTexts(IElement element)
    {
        switch (element.LocalName)
        {
            case "img" or "area":
                yield return element.GetAttribute("alt") ?? "";
                yield return element.GetAttribute("title") ?? "";
                break;
            case "input"
                when element.GetAttribute("type") is not ("hidden" or "password" or "checkbox" or "radio" or "file" or "color" or "range"):
                yield return element.GetAttribute("value") ?? "";
                yield return element.GetAttribute("placeholder") ?? "";
                yield return element.GetAttribute("alt") ?? "";
                break;
            case "textarea":
                yield return element.GetAttribute("placeholder") ?? "";
                break;
            case "option" when element.ParentElement is { LocalName: "datalist" }:
                yield return element.GetAttribute("value") ?? "";
                yield return element.GetAttribute("label") ?? "";
                break;
            case "optgroup" or "option" or "track" or "menuitem":
                yield return element.GetAttribute("label") ?? "";
                break;
            case "abbr" or "acronym" or "dfn" or "a":
                yield return element.GetAttribute("title") ?? "";
                break;
            default:
                // What a browser shows of an element that is pointed at.
                yield return element.GetAttribute("title") ?? "";
                // Components of a page builder ("<TabItem label=…>", "<Callout title=…>") show these.
                if (IsComponent(element))
                {
                    yield return element.GetAttribute("label") ?? "";
                    yield return element.GetAttribute("description") ?? "";
                }

                break;
        }
    }

    private static bool IsInside(IElement element, params string[] names)
    {
        // Bounded: pages made to harm nest without end.
        const int MaxAncestors = 200;
        var at = element.ParentElement;
        for (var i = 0; at is not null && i < MaxAncestors; i++, at = at.ParentElement)
        {
            if (names.Contains(at.LocalName))
            {
                return true;
            }
        }

        return false;
    }
}
