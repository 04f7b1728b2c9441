using System.Globalization;
using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Takes the text out of Rich Text Format. Used for one file.</summary>
internal sealed class RtfParser(byte[] bytes, CancellationToken cancellationToken)
{
    /// <summary>Groups nest so deep in no file that a program wrote.</summary>
    private const int MaxDepth = 10_000;

    /// <summary>Groups whose text is not shown.</summary>
    private static readonly HashSet<string> Hidden = new(StringComparer.Ordinal)
    {
        "colortbl",
        "stylesheet",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "generator",
        "pict",
        "objdata",
        "objclass",
        "objname",
        "objalias",
        "fldinst",
        "info",
        "xmlnstbl",
        "themedata",
        "colorschememapping",
        "datastore",
        "latentstyles",
        "bkmkstart",
        "bkmkend",
        "filetbl",
        "revtbl",
        "listtext",
        "pntext",
        "nonshppict",
        "userprops",
        "mmathPr",
        "wgrffmtfilter",
        "pgptbl",
        "blipuid",
        "panose",
        "datafield",
        "sn",
        "sv",
    };

    private readonly HeadingTrail _trail = new();
    private readonly StringBuilder _text = new();
    private readonly List<byte> _encoded = [];
    private readonly Stack<(bool IsHidden, int Skip, bool IsNote, Encoding? Font)> _groups = new();
    private readonly RtfFonts _fonts = new();
    private Encoding _encoding = TextDecoder.Find("windows-1252")!;

    /// <summary>The encoding of the font in use; null where that of the document holds.</summary>
    private Encoding? _fontEncoding;

    private bool _isHidden;
    private bool _isNote;
    private int _skip = 1;
    private int _toSkip;
    private int? _level;

    /// <summary>The depth of the group that older readers are to read.</summary>
    private int? _fallback;

    internal HeadingTrail Read()
    {
        var at = 0;
        while (at < bytes.Length)
        {
            switch (bytes[at])
            {
                case (byte)'{':
                    cancellationToken.ThrowIfCancellationRequested();
                    Decode();
                    if (_groups.Count >= MaxDepth)
                    {
                        throw new SourceFormatException($"Its groups nest deeper than {MaxDepth} levels.");
                    }

                    _groups.Push((_isHidden, _skip, _isNote, _fontEncoding));
                    at++;
                    break;
                case (byte)'}':
                    Decode();
                    var wasNote = _isNote;
                    (_isHidden, _skip, _isNote, _fontEncoding) = _groups.Count > 0 ? _groups.Pop() : (false, 1, false, null);
                    _fonts.Leave(_groups.Count);
                    _fallback = _groups.Count < _fallback ? null : _fallback;
                    if (wasNote && !_isNote)
                    {
                        _text.Append(' ');
                    }

                    at++;
                    break;
                case (byte)'\\':
                    at = Control(at + 1);
                    break;
                case (byte)'\r' or (byte)'\n':
                    at++;
                    break;
                default:
                    Add(bytes[at++]);
                    break;
            }
        }

        Paragraph();
        return _trail;
    }

    private void Add(byte value)
    {
        if (_toSkip > 0)
        {
            _toSkip--;
        }
        else if (!_isHidden)
        {
            _encoded.Add(value);
        }
    }

    private void Append(string text)
    {
        Decode();
        if (!_isHidden)
        {
            _text.Append(text);
        }
    }

    private void Decode()
    {
        if (_encoded.Count > 0)
        {
            _text.Append((_fontEncoding ?? _encoding).GetString([.. _encoded]));
            _encoded.Clear();
        }
    }

    private void Paragraph()
    {
        Decode();
        if (_level is { } level && level < 9)
        {
            _trail.Heading(level + 1, _text.ToString());
        }
        else
        {
            _trail.Block(_text.ToString());
        }

        _text.Clear();
    }

    private int Control(int at)
    {
        if (at >= bytes.Length)
        {
            return at;
        }

        var c = (char)bytes[at];
        if (!char.IsAsciiLetter(c))
        {
            switch (c)
            {
                case '\''
                    when at + 2 < bytes.Length
                        && byte.TryParse(
                            Encoding.ASCII.GetString(bytes, at + 1, 2),
                            NumberStyles.HexNumber,
                            CultureInfo.InvariantCulture,
                            out var value
                        ):
                    Add(value);
                    return at + 3;
                case '~':
                    Append(" ");
                    break;
                case '_':
                    Append("-");
                    break;
                case '*':
                    // A group that older readers may pass over: notes are shown, the rest is not.
                    _isHidden |= !IsNext(at + 1, "\\footnote") && !IsNext(at + 1, "\\annotation") && !IsNext(at + 1, "\\shptxt");
                    break;
                case '{' or '}' or '\\':
                    Add((byte)c);
                    break;
                case '\r' or '\n':
                    Paragraph();
                    break;
            }

            return at + 1;
        }

        var end = at;
        while (end < bytes.Length && char.IsAsciiLetter((char)bytes[end]))
        {
            end++;
        }

        var word = Encoding.ASCII.GetString(bytes, at, end - at);
        var numberStart = end;
        if (end < bytes.Length && bytes[end] == '-')
        {
            end++;
        }

        while (end < bytes.Length && char.IsAsciiDigit((char)bytes[end]))
        {
            end++;
        }

        int? number = int.TryParse(Encoding.ASCII.GetString(bytes, numberStart, end - numberStart), CultureInfo.InvariantCulture, out var n)
            ? n
            : null;
        if (end < bytes.Length && bytes[end] == ' ')
        {
            end++;
        }

        return word == "bin" && number > 0 ? (int)Math.Min((long)end + number.Value, bytes.Length) : Word(word, number, end);
    }

    private bool IsNext(int at, string text) =>
        at + text.Length <= bytes.Length && Encoding.ASCII.GetString(bytes, at, text.Length) == text;

    private int Word(string word, int? number, int end)
    {
        switch (word)
        {
            case "par" or "sect" or "page" or "row":
                Paragraph();
                break;
            case "pard":
                _level = null;
                break;
            case "outlinelevel":
                _level = number;
                break;
            case "line":
                Append("\n");
                break;
            case "tab":
                Append("\t");
                break;
            case "cell" or "nestcell":
                Append(" | ");
                break;
            case "u" when number is { } code:
                Append(((char)(ushort)code).ToString());
                _toSkip = _skip;
                break;
            case "uc":
                _skip = Math.Clamp(number ?? 1, 0, 16);
                break;
            case "ansicpg" when number is { } page:
                _encoding = TextDecoder.Find("cp" + page.ToString(CultureInfo.InvariantCulture)) ?? _encoding;
                break;
            case "mac":
                _encoding = TextDecoder.Find("macintosh") ?? _encoding;
                break;
            case "pc" or "pca":
                _encoding = TextDecoder.Find(word == "pc" ? "cp437" : "cp850") ?? _encoding;
                break;
            case "fonttbl":
                _fonts.Enter(_groups.Count);
                _isHidden = true;
                break;
            case "f" when number is { } font:
                Decode();
                _fontEncoding = _fonts.Choose(font);
                break;
            case "fcharset" when number is { } charset:
                _fonts.Declare(charset);
                break;
            case "plain":
                Decode();
                _fontEncoding = null;
                break;
            case "emdash":
                Append("—");
                break;
            case "endash":
                Append("–");
                break;
            case "lquote" or "rquote":
                Append("’");
                break;
            case "ldblquote" or "rdblquote":
                Append("\"");
                break;
            case "bullet":
                Append("•");
                break;
            case "footnote" or "annotation":
                (_isHidden, _isNote) = (false, true);
                Append(" ");
                break;
            case "shprslt":
                // What older readers are to read instead of a shape says its text again.
                (_isHidden, _fallback) = (true, _groups.Count);
                break;
            case "shptxt" or "dptxbxtext" when _fallback is null:
                // The text of a shape, in a group that older readers pass over.
                Paragraph();
                _isHidden = false;
                break;
            default:
                _isHidden |= Hidden.Contains(word);
                break;
        }

        return end;
    }
}
