using AngleSharp.Dom;

namespace SearchEngine.Ingestion;

/// <summary>
/// Tells tables of data, which are read row by row, from tables that lay a page out, which are read cell by cell as blocks.
/// </summary>
internal static class HtmlTables
{
    /// <summary>A cell with more text than this is a piece of the page.</summary>
    private const int MaxCellLength = 1500;

    private static readonly HashSet<string> PageParts = new(StringComparer.OrdinalIgnoreCase)
    {
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "article",
        "main",
        "nav",
        "form",
        "header",
        "footer",
    };

    /// <summary>The tables below a node that lay out. One pass over the tree.</summary>
    internal static HashSet<INode> Layouts(INode root)
    {
        var layouts = new HashSet<INode>();
        var tables = new Stack<INode>();
        var lengths = new Stack<int>();
        DomWalk.Run(root, Enter, Leave);
        return layouts;

        bool Enter(INode node)
        {
            if (node is IElement element)
            {
                if (tables.Count > 0 && PageParts.Contains(element.LocalName))
                {
                    layouts.Add(tables.Peek());
                }

                if (element.LocalName == "table")
                {
                    tables.Push(element);
                    lengths.Push(0);
                }
                else if (tables.Count > 0 && element.LocalName is "td" or "th")
                {
                    lengths.Pop();
                    lengths.Push(0);
                }
            }
            else if (node is IText text && tables.Count > 0)
            {
                lengths.Push(lengths.Pop() + text.Data.Length);
                if (lengths.Peek() > MaxCellLength)
                {
                    layouts.Add(tables.Peek());
                }
            }

            return true;
        }

        void Leave(INode node)
        {
            if (tables.Count > 0 && tables.Peek() == node)
            {
                tables.Pop();
                lengths.Pop();
            }
        }
    }

    /// <summary>Rows of cells; the first rows, as many as the second value says, are the header.</summary>
    internal static (List<IReadOnlyList<string>> Rows, int Headers) Read(IElement table, Func<INode, string> textOf)
    {
        var rows = new List<IReadOnlyList<string>>();
        var headers = 0;
        foreach (var row in table.QuerySelectorAll("tr"))
        {
            var cells = row.Children.Where(c => c.LocalName is "td" or "th").ToList();
            var isHeader = row.ParentElement?.LocalName == "thead" || (cells.Count > 0 && cells.TrueForAll(c => c.LocalName == "th"));
            rows.Add([.. cells.Select(cell => HeadingTrail.OneLine(textOf(cell)))]);
            if (isHeader && headers == rows.Count - 1)
            {
                headers++;
            }
        }

        return (rows, headers == rows.Count ? 0 : headers);
    }
}
