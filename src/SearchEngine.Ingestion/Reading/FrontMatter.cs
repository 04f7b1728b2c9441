using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SearchEngine.Ingestion;

/// <summary>What stands in front of a Markdown document between lines of "---" (YAML) or "+++" (TOML).</summary>
internal sealed class FrontMatter
{
    private const int MaxLength = 1 << 16;

    /// <summary>Lists in lists: more is made to harm, and the parser would call itself for each.</summary>
    private const int MaxDepth = 64;

    /// <summary>
    /// Texts for people, whatever their length; other values are texts where they are lists, sentences or names ("location: Reykjavik"), not
    /// settings ("layout: post", "weight: 3").
    /// </summary>
    private static readonly HashSet<string> Texts = new(StringComparer.OrdinalIgnoreCase)
    {
        "description",
        "summary",
        "abstract",
        "subtitle",
        "excerpt",
        "lead",
        "lede",
        "tagline",
        "author",
        "authors",
        "tags",
        "tag",
        "keywords",
        "keyword",
        "categories",
        "category",
        "topics",
        "topic",
        "aliases",
        "linktitle",
        "short_title",
        "sidebar_label",
        "titlesuffix",
        "subject",
        "series",
    };

    private readonly List<(string Name, string Text)> _texts = [];
    private readonly Dictionary<string, string> _properties = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Characters it takes from the beginning of the text; 0 where there is none.</summary>
    internal int Length { get; private init; }

    /// <summary>Lines it takes.</summary>
    internal int Lines { get; private init; }

    internal string? Title { get; private set; }

    internal IReadOnlyDictionary<string, string> Properties => _properties;

    /// <summary>The front matter of a text. What cannot be parsed is read by its lines.</summary>
    internal static FrontMatter Of(string text, Action<string, int?> warn)
    {
        var fence =
            text.StartsWith("---\n", StringComparison.Ordinal) ? "---"
            : text.StartsWith("+++\n", StringComparison.Ordinal) ? "+++"
            : null;
        var (contentEnd, end) = fence is null ? (-1, -1) : End(text, fence);
        if (end < 0)
        {
            return new FrontMatter();
        }

        var content = text[4..Math.Max(4, contentEnd)];
        var matter = new FrontMatter { Length = end, Lines = text.AsSpan(0, end).Count('\n') };
        try
        {
            if (fence == "---" && !IsTooDeep(content))
            {
                matter.ReadYaml(content);
            }
            else
            {
                matter.ReadLines(content, fence == "---" ? ':' : '=');
            }
        }
        catch (Exception e) when (ReaderFaults.IsOfFile(e))
        {
            // Damage brings the parser to other exceptions than its own.
            warn(
                $"Its front matter is no YAML ({HeadingTrail.OneLine(e.Message)}); it was read by its lines.",
                e is YamlException yaml ? (int)Math.Min(yaml.Start.Line, int.MaxValue) : null
            );
            matter._texts.Clear();
            matter._properties.Clear();
            matter.ReadLines(content, ':');
        }

        return matter;
    }

    /// <summary>Description, tags and other texts, as the first block of the document.</summary>
    internal void WriteTo(HeadingTrail trail)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in _texts)
        {
            var named =
                name.Equals("description", StringComparison.OrdinalIgnoreCase)
                || name.Equals("summary", StringComparison.OrdinalIgnoreCase)
                || name.Equals("abstract", StringComparison.OrdinalIgnoreCase)
                || name.Equals("subtitle", StringComparison.OrdinalIgnoreCase)
                || name.Equals("excerpt", StringComparison.OrdinalIgnoreCase);
            text.Append(named ? "" : name + ": ").Append(value).Append('\n');
        }

        trail.Block(text.ToString(), 2);
    }

    private static (int ContentEnd, int End) End(string text, string fence)
    {
        for (var at = 4; at < text.Length && at < MaxLength; )
        {
            var lineEnd = text.IndexOf('\n', at);
            lineEnd = lineEnd < 0 ? text.Length : lineEnd;
            var line = text.AsSpan(at, lineEnd - at).TrimEnd();
            if (line.SequenceEqual(fence) || (fence == "---" && line is "..."))
            {
                return (at, Math.Min(lineEnd + 1, text.Length));
            }

            at = lineEnd + 1;
        }

        return (-1, -1);
    }

    /// <summary>Whether brackets, or items that begin on one line, nest too deep; a bracket in quotes counts too, which does no harm.</summary>
    private static bool IsTooDeep(string content)
    {
        var brackets = 0;
        foreach (var line in content.AsSpan().EnumerateLines())
        {
            var items = 0;
            for (var i = 0; i + 1 < line.Length && line[i] is '-' or '?' or ' '; i++)
            {
                items += line[i] != ' ' && line[i + 1] == ' ' ? 1 : 0;
            }

            foreach (var c in line)
            {
                brackets +=
                    c is '[' or '{' ? 1
                    : c is ']' or '}' ? -1
                    : 0;
                if (brackets > MaxDepth || items > MaxDepth)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether a value is for people: it has a space, or a letter that settings do not have.</summary>
    private static bool IsForPeople(string value) =>
        value.Contains(' ', StringComparison.Ordinal)
        || (value.Any(c => char.IsUpper(c) || c > '\u007f') && !value.Contains('/', StringComparison.Ordinal));

    private void ReadYaml(string content)
    {
        var stream = new YamlStream();
        stream.Load(new TextKeyParser(new Parser(new StringReader(content))));
        if (stream.Documents.Count == 0)
        {
            return;
        }

        if (stream.Documents[0].RootNode is not YamlMappingNode root)
        {
            throw new YamlException("it is no mapping");
        }

        foreach (var (key, value) in root.Children)
        {
            Take((key as YamlScalarNode)?.Value ?? "", value);
        }
    }

    private void Take(string name, YamlNode value)
    {
        // Depth first without recursion. Each node takes a character at least, and each is taken once.
        const int MaxNodes = MaxLength;
        var open = new Stack<(string Name, YamlNode Node)>();
        open.Push((name, value));
        var texts = new List<string>();
        // A list may hold itself, and one may stand in many places: its texts are taken once.
        var taken = new HashSet<YamlNode>(ReferenceEqualityComparer.Instance);
        for (var i = 0; open.TryPop(out var node) && i < MaxNodes; i++)
        {
            if (!taken.Add(node.Node))
            {
                continue;
            }

            switch (node.Node)
            {
                case YamlScalarNode { Value: { } text }:
                    texts.Add(HeadingTrail.OneLine(text));
                    break;
                case YamlSequenceNode list:
                    foreach (var child in list.Children.Reverse())
                    {
                        open.Push((node.Name, child));
                    }

                    break;
                case YamlMappingNode map:
                    foreach (var (_, child) in map.Children.Reverse())
                    {
                        open.Push((node.Name, child));
                    }

                    break;
            }
        }

        Take(name, texts, isList: value is not YamlScalarNode);
    }

    private void Take(string name, List<string> texts, bool isList)
    {
        texts.RemoveAll(t => t.Length == 0);
        if (name.Length == 0 || texts.Count == 0)
        {
            return;
        }

        var joined = string.Join(", ", texts);
        _properties[name] = joined;
        if (name.Equals("title", StringComparison.OrdinalIgnoreCase))
        {
            Title = TitleRules.Clean(joined);
        }
        else if (Texts.Contains(name) || (isList && joined.Any(char.IsLetter)) || IsForPeople(joined))
        {
            _texts.Add((name, joined));
        }
    }

    private void ReadLines(string content, char separator)
    {
        foreach (var line in content.Split('\n'))
        {
            var at = line.IndexOf(separator, StringComparison.Ordinal);
            if (at > 0 && !char.IsWhiteSpace(line[0]))
            {
                Take(
                    line[..at].Trim(),
                    [HeadingTrail.OneLine(line[(at + 1)..].Trim().Trim('[', ']').Replace("\"", "", StringComparison.Ordinal).Trim('\''))],
                    line.Contains('[')
                );
            }
            else if (line.Any(char.IsLetterOrDigit) && _texts.Count > 0)
            {
                _texts[^1] = (_texts[^1].Name, _texts[^1].Text + " " + line.Trim().Trim('-', ' ', '"', ',', ']'));
            }
            else if (line.Any(char.IsLetterOrDigit))
            {
                _texts.Add(("", line.Trim()));
            }
        }
    }
}
