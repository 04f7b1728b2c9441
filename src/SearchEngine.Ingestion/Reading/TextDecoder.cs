using System.Buffers;
using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Turns the bytes of a text file into a string: a byte order mark decides; else valid UTF-8 is UTF-8; else UTF-16 is recognized by
/// its zero bytes; else Windows-1252 (a superset of printable Latin-1). What looks like no text at all is refused.
/// Line ends become "\n" and U+0000 is dropped.
/// </summary>
internal static class TextDecoder
{
    /// <summary>Bytes looked at to tell text from binary.</summary>
    private const int SampleBytes = 1 << 16;

    /// <summary>Share of control characters above which a file is no text. Real texts have none but tabs and line ends; a few appear in old terminal logs.</summary>
    private const double MaxControlShare = 0.02;

    /// <summary>Control characters that do not yet make a short text binary.</summary>
    private const int MaxControls = 2;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly SearchValues<char> ToNormalize = SearchValues.Create("\r\0");

    /// <exception cref="SourceFormatException">The bytes are no text.</exception>
    internal static string Decode(byte[] bytes, Encoding? declared = null)
    {
        string text = DecodeRaw(bytes, declared);
        RequireText(text.AsSpan(0, Math.Min(text.Length, SampleBytes)));
        return Normalize(text);
    }

    internal static Encoding? Find(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string DecodeRaw(byte[] bytes, Encoding? declared)
    {
        if (bytes is [0xEF, 0xBB, 0xBF, ..])
            return Encoding.UTF8.GetString(bytes, 3, bytes.Length - 3);
        if (bytes is [0xFF, 0xFE, 0, 0, ..] && bytes.Length % 4 == 0)
            return Encoding.UTF32.GetString(bytes, 4, bytes.Length - 4);
        if (bytes is [0xFF, 0xFE, ..])
            return Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2);
        if (bytes is [0xFE, 0xFF, ..])
            return Encoding.BigEndianUnicode.GetString(bytes, 2, bytes.Length - 2);
        if (GuessUtf16(bytes) is { } utf16)
            return utf16.GetString(bytes);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return (declared ?? CodePagesEncodingProvider.Instance.GetEncoding(1252)!).GetString(bytes);
        }
    }

    /// <summary>UTF-16 of mostly Latin text has zeros in every second byte and nowhere else.</summary>
    private static Encoding? GuessUtf16(byte[] bytes)
    {
        int length = Math.Min(bytes.Length, SampleBytes) & ~1;
        if (length < 4 || bytes.Length % 2 != 0)
            return null;
        int even = 0;
        int odd = 0;
        for (int i = 0; i < length; i += 2)
        {
            even += bytes[i] == 0 ? 1 : 0;
            odd += bytes[i + 1] == 0 ? 1 : 0;
        }
        int half = length / 2;
        if (odd > half * 0.4 && even < half * 0.05)
            return Encoding.Unicode;
        return even > half * 0.4 && odd < half * 0.05 ? Encoding.BigEndianUnicode : null;
    }

    private static void RequireText(ReadOnlySpan<char> sample)
    {
        int controls = 0;
        foreach (char c in sample)
        {
            if (c < ' ' && c is not ('\t' or '\n' or '\r' or '\f' or '\u001b') || c is '\u007f' or '\ufffd' or '\uffff')
                controls++;
        }
        if (controls > Math.Max(MaxControls, sample.Length * MaxControlShare))
            throw new SourceFormatException("It is binary data, not text.");
    }

    private static string Normalize(string text)
    {
        if (text.AsSpan().IndexOfAny(ToNormalize) < 0)
            return text;
        var builder = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\r')
            {
                builder.Append('\n');
                if (i + 1 < text.Length && text[i + 1] == '\n')
                    i++;
            }
            else if (c != '\0')
            {
                builder.Append(c);
            }
        }
        return builder.ToString();
    }
}
