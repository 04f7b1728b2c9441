using System.Globalization;
using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads Rich Text Format: paragraphs, tables, notes, headers; not pictures, fonts, styles and the codes of fields. Paragraphs with an
/// outline
/// level are headings.
/// </summary>
internal sealed class RtfReader : IDocumentReader
{
    /// <summary>Groups nest so deep in no file that a program wrote.</summary>
    private const int MaxDepth = 10_000;

    /// <summary>Groups whose text is not shown.</summary>
    private static readonly HashSet<string> Hidden = new(StringComparer.Ordinal)
    {
        "fonttbl",
        "colortbl",
        "stylesheet",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "generator",
        "pict",
        "object",
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
    };

    public string Name => "rtf";

    public int Version => 1;

    public IReadOnlyCollection<string> Extensions { get; } = [".rtf"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var bytes = file.ReadAllBytes();
        if (!bytes.AsSpan().StartsWith("{\\rtf"u8))
        {
            throw new SourceFormatException("It is damaged or not a Rich Text document.");
        }

        if (new Parser(bytes, cancellationToken).Read() is { } trail && trail.Finish(null, file.Name) is { } document)
        {
            yield return document;
        }
    }

    private sealed class Parser(byte[] bytes, CancellationToken cancellationToken)
    {
        private readonly HeadingTrail _trail = new();
        private readonly StringBuilder _text = new();
        private readonly List<byte> _encoded = [];
        private readonly Stack<(bool IsHidden, int Skip, bool IsNote)> _groups = new();
        private Encoding _encoding = TextDecoder.Find("windows-1252")!;
        private bool _isHidden;
        private bool _isNote;
        private int _skip = 1;
        private int _toSkip;
        private int? _level;

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

                        _groups.Push((_isHidden, _skip, _isNote));
                        at++;
                        break;
                    case (byte)'}':
                        Decode();
                        var wasNote = _isNote;
                        (_isHidden, _skip, _isNote) = _groups.Count > 0 ? _groups.Pop() : (false, 1, false);
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
                _text.Append(_encoding.GetString([.. _encoded]));
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

            int? number = int.TryParse(
                Encoding.ASCII.GetString(bytes, numberStart, end - numberStart),
                CultureInfo.InvariantCulture,
                out var n
            )
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
                    Append(" ");
                    (_isHidden, _isNote) = (false, true);
                    break;
                default:
                    _isHidden |= Hidden.Contains(word);
                    break;
            }

            return end;
        }
    }
}
