using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using DocumentFormat.OpenXml.Packaging;

namespace SearchEngine.Ingestion;

/// <summary>What the values of a workbook's cells show: shared strings, and dates, which are numbers with a format of dates.</summary>
internal sealed partial class XlsxValues
{
    /// <summary>Days by which the calendar of 1904 is behind.</summary>
    private const int Days1904 = 1462;

    /// <summary>Values without a fraction are dates, those below 1 are times.</summary>
    private const double LargestDate = 2_958_466;

    /// <summary>Characters of a number format, as Excel bounds them.</summary>
    private const int MaxFormat = 255;

    private readonly List<string> _strings;
    private readonly List<bool> _dates;
    private readonly bool _is1904;

    internal XlsxValues(WorkbookPart book, CancellationToken cancellationToken)
    {
        _strings = book.SharedStringTablePart is { } part ? [.. Strings(part, "si", cancellationToken)] : [];
        _dates = book.WorkbookStylesPart is { } styles ? Dates(styles, cancellationToken) : [];
        _is1904 = book.Workbook?.WorkbookProperties?.Date1904?.Value == true;
    }

    /// <summary>The text of each element of a name, without the readings that Japanese workbooks write beside characters.</summary>
    internal static IEnumerable<string> Strings(OpenXmlPart part, string element, CancellationToken cancellationToken)
    {
        using var reader = OfficeXml.Open(part.GetStream());
        var count = 0;
        var text = new StringBuilder();
        var isReading = false;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.LocalName == "rPh" && !reader.IsEmptyElement)
            {
                isReading = reader.NodeType == XmlNodeType.Element;
            }

            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "t" && !reader.IsEmptyElement && !isReading)
            {
                text.Append(reader.ReadString());
            }

            if (
                reader.LocalName == element
                && (reader.NodeType == XmlNodeType.EndElement || (reader.NodeType == XmlNodeType.Element && reader.IsEmptyElement))
            )
            {
                yield return text.ToString();
                text.Clear();
            }
        }
    }

    /// <summary>What a cell shows.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="type">Its type: "s" of shared strings, "b" of booleans; null of numbers.</param>
    /// <param name="style">Its style's number.</param>
    internal string Of(string value, string? type, string? style)
    {
        if (type == "s" && int.TryParse(value, CultureInfo.InvariantCulture, out var index) && index >= 0 && index < _strings.Count)
        {
            return HeadingTrail.OneLine(_strings[index]);
        }

        return type == "b" ? (value == "1" ? "true" : "false")
            : type is null or "n" && IsDate(style) && Date(value) is { } date ? date
            : HeadingTrail.OneLine(value);
    }

    private bool IsDate(string? style) =>
        int.TryParse(style, CultureInfo.InvariantCulture, out var number) && number >= 0 && number < _dates.Count && _dates[number];

    private string? Date(string value)
    {
        if (!double.TryParse(value, CultureInfo.InvariantCulture, out var days) || days is < 0 or >= LargestDate)
        {
            return null;
        }

        var date = DateTime.FromOADate(days + (_is1904 ? Days1904 : 0));
        var format =
            days < 1 ? "HH:mm:ss"
            : days == Math.Floor(days) ? "yyyy-MM-dd"
            : "yyyy-MM-dd HH:mm:ss";
        return date.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>For each cell style, whether its number format shows dates or times.</summary>
    private static List<bool> Dates(OpenXmlPart styles, CancellationToken cancellationToken)
    {
        var formats = new HashSet<string>(StringComparer.Ordinal);
        var dates = new List<bool>();
        using var reader = OfficeXml.Open(styles.GetStream());
        var count = 0;
        var isCells = false;
        while (OfficeXml.Next(reader, ref count, cancellationToken))
        {
            if (reader.LocalName == "cellXfs")
            {
                isCells = reader.NodeType == XmlNodeType.Element && !reader.IsEmptyElement;
            }
            else if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "numFmt")
            {
                var code = OfficeXml.Attribute(reader, "formatCode") ?? "";
                code = code.Length > MaxFormat ? "" : NoCode().Replace(code, "");
                if (code.AsSpan().IndexOfAny("dmyhsDMYHS") >= 0 && !code.Contains("General", StringComparison.OrdinalIgnoreCase))
                {
                    formats.Add(OfficeXml.Attribute(reader, "numFmtId") ?? "");
                }
            }
            else if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "xf" && isCells)
            {
                var id = OfficeXml.Attribute(reader, "numFmtId") ?? "0";
                // The formats that have no code because they are everywhere.
                dates.Add(
                    formats.Contains(id)
                        || (
                            int.TryParse(id, CultureInfo.InvariantCulture, out var known)
                            && known is >= 14 and <= 22 or >= 27 and <= 36 or >= 45 and <= 47 or >= 50 and <= 58
                        )
                );
            }
        }

        return dates;
    }

    /// <summary>Quoted text, escapes, colours and conditions of a format.</summary>
    [GeneratedRegex("\"[^\"]*\"|\\\\.|_.|\\*.|\\[(?![hms]+\\])[^\\]]*\\]")]
    private static partial Regex NoCode();
}
