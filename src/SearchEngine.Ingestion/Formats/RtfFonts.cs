using System.Globalization;
using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>The fonts of a Rich Text document as far as they say the encoding of the text that is set in them.</summary>
internal sealed class RtfFonts
{
    private readonly Dictionary<int, Encoding?> _encodings = [];
    private int? _table;
    private int? _declared;

    /// <summary>The table of fonts begins in a group of this depth.</summary>
    internal void Enter(int depth) => _table = depth;

    /// <summary>A group ends; so does the table, if it was in it.</summary>
    internal void Leave(int depth) => _table = depth < _table ? null : _table;

    /// <summary>A font's number: in the table what follows is about it; elsewhere it is chosen, and its encoding is the result.</summary>
    internal Encoding? Choose(int font)
    {
        if (_table is not null)
        {
            _declared = font;
            return null;
        }

        return _encodings.GetValueOrDefault(font);
    }

    /// <summary>The character set of the font that the table is about.</summary>
    internal void Declare(int charset)
    {
        if (_table is not null && _declared is { } font && PageOf(charset) is { } page)
        {
            _encodings[font] = TextDecoder.Find("cp" + page.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The code pages of the character sets that Windows numbers; 0, 1 and 2 are the document's own and symbols.</summary>
    private static int? PageOf(int charset) =>
        charset switch
        {
            77 => 10000,
            128 => 932,
            129 => 949,
            130 => 1361,
            134 => 936,
            136 => 950,
            161 => 1253,
            162 => 1254,
            163 => 1258,
            177 => 1255,
            178 => 1256,
            186 => 1257,
            204 => 1251,
            222 => 874,
            238 => 1250,
            _ => null,
        };
}
