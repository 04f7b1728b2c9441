using System.Buffers;
using System.Text;
using UtfUnknown;

namespace SearchEngine.Ingestion;

/// <summary>
/// Turns the bytes of a text file into a string. In this order: the encoding the user named; a byte order mark; ISO-2022 escapes; zero
/// bytes of UTF-16 or UTF-32; valid UTF-8, or UTF-8 with a few bad bytes, each of which becomes U+FFFD; the encoding the file declares;
/// the one that its bytes look most like (UTF.Unknown, and by their build); else Windows-1252, in which every byte is a character.
/// What looks like no text at all is refused. Line ends become "\n" and U+0000 is dropped.
/// </summary>
internal static class TextDecoder
{
    /// <summary>Bytes looked at to recognize an encoding and to tell text from binary.</summary>
    internal const int SampleBytes = 1 << 16;

    /// <summary>
    /// Share of control characters above which a file is no text. Real texts have none but tabs and line ends; a few appear in old terminal
    /// logs.
    /// </summary>
    private const double MaxControlShare = 0.02;

    /// <summary>Control characters that do not yet make a short text binary.</summary>
    private const int MaxControls = 2;

    /// <summary>Of the sequences of bytes above 0x7F, so many must be whole for a text to be UTF-8 with faults.</summary>
    private const double MinUtf8Share = 0.6;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly SearchValues<char> ToNormalize = SearchValues.Create("\r\0\u001b");

    /// <exception cref="SourceFormatException">The bytes are no text.</exception>
    internal static string Decode(byte[] bytes, Encoding? forced = null, Encoding? declared = null)
    {
        var (encoding, start) = Recognize(bytes, bytes.Length, forced, declared);
        var text = encoding.GetString(bytes, start, bytes.Length - start);
        RequireText(text.AsSpan(0, Math.Min(text.Length, SampleBytes)));
        return Normalize(text);
    }

    /// <summary>The encoding of a text that begins with these bytes, and the length of its byte order mark.</summary>
    /// <param name="bytes">The text, or its beginning.</param>
    /// <param name="length">How many of the bytes count.</param>
    /// <param name="forced">What the user named; a byte order mark of another encoding is text then.</param>
    /// <param name="declared">What the file declares.</param>
    internal static (Encoding Encoding, int Start) Recognize(byte[] bytes, int length, Encoding? forced, Encoding? declared)
    {
        var span = bytes.AsSpan(0, length);
        if (forced is not null)
        {
            return (forced, forced.Preamble.Length > 0 && span.StartsWith(forced.Preamble) ? forced.Preamble.Length : 0);
        }

        if (Marked(span) is { } marked)
        {
            return marked;
        }

        if (Utf16Guess.Of(span) is { } wide)
        {
            return (wide, 0);
        }

        if (HasIso2022Escape(span))
        {
            return (Find("iso-2022-jp")!, 0);
        }

        if (span.IndexOf("\u001b$)C"u8) >= 0)
        {
            return (Find("iso-2022-kr")!, 0);
        }

        var (good, bad) = Utf8Sequences(span);
        if (bad == 0 || good >= (good + bad) * MinUtf8Share)
        {
            return (Encoding.UTF8, 0);
        }

        return (declared is not null and not UTF8Encoding ? declared : Detected(bytes, length), 0);
    }

    /// <summary>The encoding of a name; null where there is none.</summary>
    internal static Encoding? Find(string name)
    {
        try
        {
            return name.ToLowerInvariant() switch
            {
                // As browsers read these labels.
                "iso-8859-1" or "latin1" or "latin-1" or "us-ascii" or "ascii" => CodePagesEncodingProvider.Instance.GetEncoding(1252),
                "latin2" or "latin-2" => CodePagesEncodingProvider.Instance.GetEncoding("iso-8859-2"),
                "gb2312" or "gbk" or "cp936" or "gb18030" or "gb-18030" => CodePagesEncodingProvider.Instance.GetEncoding("gb18030"),
                "sjis" or "shift-jis" or "x-sjis" or "ms932" or "cp932" or "windows-31j" => CodePagesEncodingProvider.Instance.GetEncoding(
                    "shift_jis"
                ),
                "utf8" => Encoding.UTF8,
                "utf16" or "utf-16" => Encoding.Unicode,
                { } cp when cp.StartsWith("cp", StringComparison.Ordinal) && int.TryParse(cp[2..], out var page) =>
                    CodePagesEncodingProvider.Instance.GetEncoding(page) ?? Encoding.GetEncoding(page),
                _ => CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name),
            };
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <exception cref="SourceFormatException">The sample is no text.</exception>
    internal static void RequireText(ReadOnlySpan<char> sample)
    {
        var controls = 0;
        foreach (var c in sample)
        {
            if ((c < ' ' && c is not ('\t' or '\n' or '\r' or '\f' or '\u001b')) || c is '\u007f' or '\uffff')
            {
                controls++;
            }
        }

        if (controls > Math.Max(MaxControls, sample.Length * MaxControlShare))
        {
            throw new SourceFormatException("It is binary data, not text.");
        }
    }

    internal static string Normalize(string text)
    {
        if (text.AsSpan().IndexOfAny(ToNormalize) < 0)
        {
            return text;
        }

        var builder = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\r')
            {
                builder.Append('\n');
                if (i + 1 < text.Length && text[i + 1] == '\n')
                {
                    i++;
                }
            }
            else if (c == '\u001b' && EndOfControl(text, i) is var end && end > i)
            {
                i = end;
            }
            else if (c != '\0')
            {
                builder.Append(c);
            }
        }

        return builder.ToString();
    }

    /// <summary>
    /// Where a sequence ends that sets the color of a terminal or moves its cursor ("ESC [ 31 m"): its letters would be one word with the text
    /// behind them. The start itself where there is none.
    /// </summary>
    private static int EndOfControl(string text, int start)
    {
        const int MaxLength = 32;
        if (start + 1 >= text.Length || text[start + 1] != '[')
        {
            return start;
        }

        var end = start + 2;
        while (end < text.Length && end - start < MaxLength && text[end] is >= ' ' and <= '?')
        {
            end++;
        }

        return end < text.Length && text[end] is >= '@' and <= '~' ? end : start;
    }

    private static (Encoding, int)? Marked(ReadOnlySpan<byte> bytes) =>
        bytes switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding.UTF8, 3),
            [0xFF, 0xFE, 0, 0, ..] when bytes.Length % 4 == 0 => (Encoding.UTF32, 4),
            [0, 0, 0xFE, 0xFF, ..] => (new UTF32Encoding(bigEndian: true, byteOrderMark: true), 4),
            [0xFF, 0xFE, ..] => (Encoding.Unicode, 2),
            [0xFE, 0xFF, ..] => (Encoding.BigEndianUnicode, 2),
            _ => null,
        };

    /// <summary>ESC $ @, ESC $ B, ESC ( J: only ISO-2022-JP has them, and all its bytes are ASCII.</summary>
    private static bool HasIso2022Escape(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf("\u001b$B"u8) >= 0 || bytes.IndexOf("\u001b$@"u8) >= 0 || bytes.IndexOf("\u001b(J"u8) >= 0;

    /// <summary>Whole and broken sequences of UTF-8, ASCII not counted; a sequence that the sample cuts is neither.</summary>
    private static (int Good, int Bad) Utf8Sequences(ReadOnlySpan<byte> bytes)
    {
        var good = 0;
        var bad = 0;
        while (!bytes.IsEmpty)
        {
            var ascii = bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            if (ascii < 0)
            {
                break;
            }

            bytes = bytes[ascii..];
            var status = Rune.DecodeFromUtf8(bytes, out _, out var consumed);
            if (status == OperationStatus.NeedMoreData)
            {
                break;
            }

            if (status == OperationStatus.Done)
            {
                good++;
            }
            else
            {
                bad++;
            }

            bytes = bytes[consumed..];
        }

        return (good, bad);
    }

    private static Encoding Detected(byte[] bytes, int length)
    {
        var sample = bytes.AsSpan(0, Math.Min(length, SampleBytes));
        var result = CharsetDetector.DetectFromBytes(bytes, 0, sample.Length);
        var found =
            result.Detected is { EncodingName: { } name } && Find(name) is { } encoding and not UTF8Encoding and not UnicodeEncoding
                ? encoding
                : null;
        return found is null || LatinGuess.IsLatin(found) ? ScriptGuess.Of(sample) ?? LatinGuess.Of(sample, found)
            : found.CodePage == Koi8R && HasUkrainianLetters(sample) ? Find("koi8-u")!
            : found;
    }

    private const int Koi8R = 20866;

    /// <summary>Whether letters that only KOI8-U has stand beside others; in KOI8-R these bytes are lines of tables.</summary>
    private static bool HasUkrainianLetters(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (
                bytes[i] is 0xA4 or 0xA6 or 0xA7 or 0xAD or 0xB4 or 0xB6 or 0xB7 or 0xBD
                && ((i > 0 && bytes[i - 1] >= 0xC0) || (i + 1 < bytes.Length && bytes[i + 1] >= 0xC0))
            )
            {
                return true;
            }
        }

        return false;
    }
}
