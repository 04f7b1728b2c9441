using System.Globalization;
using System.Xml;
using DocumentFormat.OpenXml.Packaging;

namespace SearchEngine.Ingestion;

/// <summary>Which paragraph styles of a Word document are headings, and which is its title.</summary>
internal sealed class WordStyles
{
    private const int MaxLevels = 9;

    private readonly Dictionary<string, int> _levels = new(StringComparer.Ordinal);
    private readonly HashSet<string> _titles = new(StringComparer.Ordinal) { "Title" };

    internal static WordStyles Of(MainDocumentPart main, CancellationToken cancellationToken)
    {
        var styles = new WordStyles();
        for (var i = 1; i <= MaxLevels; i++)
        {
            styles._levels["Heading" + i] = i;
        }

        if (main.StyleDefinitionsPart is { } part)
        {
            styles.Read(part, cancellationToken);
        }

        return styles;
    }

    internal bool IsTitle(string? style) => style is not null && _titles.Contains(style);

    internal int? Level(string? style) => style is not null && _levels.TryGetValue(style, out var level) ? level : null;

    internal static int? OutlineLevel(string? value) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out var level) && level is >= 0 and < MaxLevels ? level + 1 : null;

    private void Read(OpenXmlPart part, CancellationToken cancellationToken)
    {
        using var reader = OfficeXml.Open(part.GetStream());
        var count = 0;
        string? id = null;
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            switch (reader.LocalName)
            {
                case "style":
                    id = OfficeXml.Attribute(reader, "styleId");
                    break;
                case "name" when id is not null && OfficeXml.Attribute(reader, "val") is { } name:
                    if (name.StartsWith("heading ", StringComparison.OrdinalIgnoreCase) && OutlineLevel(name[8..]) is { } level)
                    {
                        _levels[id] = level - 1;
                    }
                    else if (name.Equals("title", StringComparison.OrdinalIgnoreCase))
                    {
                        _titles.Add(id);
                    }

                    break;
                case "basedOn" when id is not null && OfficeXml.Attribute(reader, "val") is { } parent:
                    parents[id] = parent;
                    break;
                case "outlineLvl" when id is not null && OutlineLevel(OfficeXml.Attribute(reader, "val")) is { } outline:
                    _levels[id] = outline;
                    break;
            }
        }

        foreach (var style in parents.Keys)
        {
            // A style made from a heading is one.
            var at = style;
            for (var i = 0; i < MaxLevels && !_levels.ContainsKey(style) && parents.TryGetValue(at, out var parent); i++)
            {
                at = parent;
                if (_levels.TryGetValue(parent, out var level))
                {
                    _levels[style] = level;
                }
            }
        }
    }
}
