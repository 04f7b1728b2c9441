using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Recognizes UTF-16 and UTF-32 without a byte order mark.</summary>
internal static class Utf16Guess
{
    /// <summary>Text of other scripts has few zero bytes, but still spaces and line ends: so many in a thousand characters.</summary>
    private const int MinSpacesPerThousand = 5;

    /// <summary>The encoding; null where the bytes are of another kind.</summary>
    internal static Encoding? Of(ReadOnlySpan<byte> bytes)
    {
        var length = Math.Min(bytes.Length, TextDecoder.SampleBytes) & ~3;
        if (length < 4 && bytes.Length is not (2 or 3))
        {
            return null;
        }

        length = Math.Min(bytes.Length, TextDecoder.SampleBytes) & ~1;
        if (bytes.Length % 2 != 0 || length < 4)
        {
            return null;
        }

        var sample = bytes[..length];
        Span<int> zeros = stackalloc int[4];
        for (var i = 0; i < length; i++)
        {
            zeros[i & 3] += sample[i] == 0 ? 1 : 0;
        }

        var quarter = length / 4;
        if (quarter > 1 && zeros[2] > quarter * 0.9 && zeros[3] > quarter * 0.9 && zeros[0] < quarter * 0.1)
        {
            return Encoding.UTF32;
        }

        var even = zeros[0] + zeros[2];
        var odd = zeros[1] + zeros[3];
        var half = length / 2;
        if (odd > half * 0.4 && even < half * 0.05)
        {
            return Encoding.Unicode;
        }

        if (even > half * 0.4 && odd < half * 0.05)
        {
            return Encoding.BigEndianUnicode;
        }

        if (even + odd == 0)
        {
            return OfRow(sample, 1) ? Encoding.Unicode
                : OfRow(sample, 0) ? Encoding.BigEndianUnicode
                : IsChinese(sample, 1) ? Encoding.Unicode
                : IsChinese(sample, 0) ? Encoding.BigEndianUnicode
                : null;
        }

        return LooksLikeText(sample, Encoding.Unicode, bigEndian: false) ? Encoding.Unicode
            : LooksLikeText(sample, Encoding.BigEndianUnicode, bigEndian: true) ? Encoding.BigEndianUnicode
            : null;
    }

    /// <summary>
    /// Whether every other byte is the number of one row of the code chart that would be a control character in any other text: a word of
    /// Greek, Cyrillic, Hebrew or Arabic without a space.
    /// </summary>
    private static bool OfRow(ReadOnlySpan<byte> sample, int at)
    {
        if (sample.Length < 6 || sample[at] is not (>= 0x03 and <= 0x06))
        {
            return false;
        }

        for (var i = at; i < sample.Length; i += 2)
        {
            if (sample[i] != sample[at])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether all of it is Chinese or Japanese without a space or line end: characters of their blocks, the other byte of which is anything,
    /// where in a word of Latin letters it is mostly one of these.
    /// </summary>
    private static bool IsChinese(ReadOnlySpan<byte> sample, int high)
    {
        const int MinCharacters = 5;
        var letters = 0;
        for (var i = 0; i + 1 < sample.Length; i += 2)
        {
            var (row, cell) = (sample[i + high], sample[i + 1 - high]);
            if (row is not ((>= 0x4E and <= 0x9F) or 0x30 or 0xFF) || (row == 0x30 && cell == 0) || (row == 0xFF && cell is 0 or > 0xEF))
            {
                return false;
            }

            letters += char.IsAsciiLetterOrDigit((char)cell) || cell == ' ' ? 1 : 0;
        }

        return sample.Length >= MinCharacters * 2
            && letters * 2 < sample.Length / 2
            && !System.Text.Unicode.Utf8.IsValid(sample)
            && !IsShiftJisLike(sample);
    }

    /// <summary>Bytes in pairs as Shift-JIS has them look like UTF-16 whose high byte comes first.</summary>
    private static bool IsShiftJisLike(ReadOnlySpan<byte> sample)
    {
        for (var i = 0; i + 1 < sample.Length; i += 2)
        {
            if (sample[i] is < 0x81 or > 0x9F || sample[i + 1] is < 0x40 or 0x7F or > 0xFC)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Only assigned letters and punctuation, in few rows of the code chart, with spaces or line ends among them.</summary>
    private static bool LooksLikeText(ReadOnlySpan<byte> sample, Encoding encoding, bool bigEndian)
    {
        var spaces = 0;
        Span<bool> rows = stackalloc bool[256];
        var foreign = 0;
        for (var i = 0; i + 1 < sample.Length; i += 2)
        {
            var c = (char)(bigEndian ? sample[i] << 8 | sample[i + 1] : sample[i + 1] << 8 | sample[i]);
            spaces += c is ' ' or '\n' or '\u3002' or '\u3001' or '\u3000' ? 1 : 0;
            if (
                c == 0
                || char.GetUnicodeCategory(c)
                    is System.Globalization.UnicodeCategory.OtherNotAssigned
                        or System.Globalization.UnicodeCategory.PrivateUse
                || (char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
            )
            {
                foreign++;
            }

            rows[c >> 8] = true;
        }

        var characters = sample.Length / 2;
        var text = encoding.GetString(sample);
        return foreign * 200 < characters
            && spaces * 1000 >= characters * MinSpacesPerThousand
            && spaces > 0
            && !text.Contains('\ufffd', StringComparison.Ordinal);
    }
}
