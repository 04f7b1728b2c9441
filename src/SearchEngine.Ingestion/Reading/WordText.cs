using System.Globalization;
using System.Text;
using System.Xml;
using DocumentFormat.OpenXml.Packaging;

namespace SearchEngine.Ingestion;

/// <summary>
/// The text of a part of a Word document: paragraphs, tables, text boxes, equations, symbols, alternative texts; not what was deleted under
/// revision, and not the codes of fields. Notes and comments follow the paragraph that refers to them.
/// </summary>
internal sealed class WordText(HeadingTrail trail, WordStyles styles, Dictionary<string, string> notes, CancellationToken cancellationToken)
{
    private readonly Stack<Paragraph> _open = new();
    private WordTable? _table;
    private int _tableDepth;

    /// <summary>The text of the first paragraph in a title style.</summary>
    internal string? Title { get; private set; }

    /// <summary>Notes of which the text refers to none stay in here.</summary>
    internal Dictionary<string, string> Notes => notes;

    internal void Read(OpenXmlPart part)
    {
        using var reader = OfficeXml.Open(part.GetStream());
        var count = 0;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                var isEmpty = reader.IsEmptyElement;
                var name = reader.LocalName;
                if (IsLeftOut(name))
                {
                    OfficeXml.SkipContent(reader);
                    continue;
                }

                Start(reader, name);
                if (isEmpty)
                {
                    End(name);
                }
            }
            else if (reader.NodeType == XmlNodeType.EndElement)
            {
                End(reader.LocalName);
            }
        }
    }

    private void Start(XmlReader reader, string name)
    {
        switch (name)
        {
            case "p":
                _open.Push(new Paragraph(name));
                break;
            case "oMathPara" or "oMath" when _open.Count == 0:
                // An equation between paragraphs.
                _open.Push(new Paragraph(name));
                break;
            case "pStyle" when _open.Count > 0:
                _open.Peek().Style = OfficeXml.Attribute(reader, "val");
                break;
            case "outlineLvl" when _open.Count > 0:
                _open.Peek().Level = WordStyles.OutlineLevel(OfficeXml.Attribute(reader, "val"));
                break;
            case "footnoteReference" or "endnoteReference" or "commentReference" when _open.Count > 0:
                if (notes.Remove(NoteKey(name[..^"Reference".Length], OfficeXml.Attribute(reader, "id")), out var note))
                {
                    _open.Peek().Notes.Add(note);
                }

                break;
            case "tbl":
                _table ??= new WordTable();
                _tableDepth++;
                _table.IsLayout |= _tableDepth > 1;
                break;
            case "tr" when _tableDepth == 1:
                _table!.Row();
                break;
            case "tblHeader" when _tableDepth == 1 && OfficeXml.IsOn(reader):
                _table!.MarkHeader();
                break;
            case "tc" when _tableDepth == 1:
                _table!.Cell();
                break;
            default:
                if (_open.Count > 0)
                {
                    AppendInline(reader, _open.Peek().Text);
                }

                break;
        }
    }

    /// <summary>Elements whose content is no text of the document: deleted text, codes of fields, what stands in for older programs.</summary>
    internal static bool IsLeftOut(string name) =>
        name is "Fallback" or "delText" or "instrText" or "delInstrText" or "sectPrChange" or "pPrChange" or "rPrChange" or "moveFrom";

    /// <summary>Appends the text that begins with an element within a paragraph.</summary>
    internal static void AppendInline(XmlReader reader, StringBuilder text)
    {
        switch (reader.LocalName)
        {
            case "t" when !reader.IsEmptyElement:
                text.Append(reader.ReadString());
                break;
            case "tab" or "ptab":
                text.Append('\t');
                break;
            case "br" or "cr":
                text.Append('\n');
                break;
            case "noBreakHyphen":
                text.Append('-');
                break;
            case "sym"
                when int.TryParse(OfficeXml.Attribute(reader, "char"), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code):
                // Symbol fonts put their characters into the private area.
                code = code is >= 0xF020 and <= 0xF07E ? code - 0xF000 : code;
                text.Append(code is < 0xD800 or > 0xF8FF and <= 0xFFFD ? ((char)code).ToString() : "");
                break;
            case "den":
                text.Append('/');
                break;
            case "mr" or "rubyBase":
                // A row of a matrix; the word whose reading stands before it.
                text.Append(' ');
                break;
            case "docPr" or "cNvPr":
                AppendApart(OfficeXml.Attribute(reader, "descr"), text);
                AppendApart(OfficeXml.Attribute(reader, "title"), text);
                break;
            case "shape" or "rect" or "roundrect" or "oval" or "line" or "group" or "image":
                AppendApart(OfficeXml.Attribute(reader, "alt"), text);
                break;
            case "textpath":
                AppendApart(OfficeXml.Attribute(reader, "string"), text);
                break;
            case "listEntry":
                AppendApart(OfficeXml.Attribute(reader, "val"), text);
                break;
        }
    }

    private static void AppendApart(string? words, StringBuilder text)
    {
        if (words is { Length: > 0 })
        {
            text.Append(' ').Append(words).Append(' ');
        }
    }

    private void End(string name)
    {
        if (_open.Count > 0 && _open.Peek().Element == name)
        {
            Finish(_open.Pop());
        }
        else if (name == "tbl" && _tableDepth > 0 && --_tableDepth == 0)
        {
            _table!.WriteTo(trail);
            _table = null;
        }
    }

    private void Finish(Paragraph paragraph)
    {
        var text = paragraph.Text.ToString();
        var level = paragraph.Level ?? styles.Level(paragraph.Style);
        if (_table is not null)
        {
            _table.Add(text, level);
            paragraph.Notes.ForEach(note => _table.Add(note, null));
            return;
        }

        if (Title is null && styles.IsTitle(paragraph.Style) && text.Trim().Length > 0)
        {
            Title = HeadingTrail.OneLine(text);
        }
        else if (level is { } heading)
        {
            trail.Heading(heading, text);
        }
        else
        {
            trail.Block(text);
        }

        paragraph.Notes.ForEach(note => trail.Block(note));
    }

    internal static string NoteKey(string kind, string? id) => kind + ":" + id;

    private sealed class Paragraph(string element)
    {
        /// <summary>The element that it ends with.</summary>
        public string Element { get; } = element;

        public StringBuilder Text { get; } = new();

        public List<string> Notes { get; } = [];

        public string? Style { get; set; }

        public int? Level { get; set; }
    }
}
