using System.Text;
using System.Text.RegularExpressions;

namespace SearchEngine.Ingestion;

/// <summary>Encodings that files declare in themselves, looked for as browsers and XML parsers do.</summary>
internal static partial class DeclaredEncoding
{
    private const int DeclarationBytes = 1024;

    /// <summary>Of the XML declaration or a meta element; null where there is none or it is unknown.</summary>
    internal static Encoding? InHtml(byte[] bytes)
    {
        var start = Start(bytes);
        return Of(XmlDeclaration().Match(start)) ?? Of(MetaCharset().Match(start));
    }

    /// <summary>Of the XML declaration, or of the line in which editors and Python look for it ("-*- coding: latin-2 -*-").</summary>
    internal static Encoding? InText(byte[] bytes)
    {
        var start = Start(bytes);
        return Of(XmlDeclaration().Match(start)) ?? Of(EditorLine().Match(start));
    }

    private static string Start(byte[] bytes) => Encoding.Latin1.GetString(bytes, 0, Math.Min(bytes.Length, DeclarationBytes));

    private static Encoding? Of(Match match) => match.Success ? TextDecoder.Find(match.Groups[1].Value) : null;

    [GeneratedRegex("""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9_:.-]+)["']""", RegexOptions.IgnoreCase)]
    private static partial Regex XmlDeclaration();

    [GeneratedRegex("""charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex MetaCharset();

    [GeneratedRegex(@"^(?:[^\n]*\n)?[^\n]{0,40}?\b(?:coding|encoding|fileencoding)[:=][ \t]*([A-Za-z0-9_.-]+)", RegexOptions.IgnoreCase)]
    private static partial Regex EditorLine();
}
