using System.Globalization;
using System.Text;

namespace SearchEngine.Migration;

/// <summary>The text format of PostgreSQL's COPY: tabs between values, <c>\N</c> for null, backslash escapes.</summary>
internal static class CopyText
{
    /// <summary>The end of data in a dump.</summary>
    public const string End = "\\.";

    public static string?[] Split(string line) => Array.ConvertAll(line.Split('\t'), Unescape);

    private static string? Unescape(string value)
    {
        if (value == "\\N")
            return null;
        if (!value.Contains('\\', StringComparison.Ordinal))
            return value;
        // Octal and hexadecimal escapes are bytes of the encoding, so the whole goes through UTF-8.
        var bytes = new List<byte>(value.Length);
        var utf8 = Encoding.UTF8.GetBytes(value).AsSpan();
        for (var at = 0; at < utf8.Length; at++)
        {
            if (utf8[at] != '\\' || at + 1 == utf8.Length)
            {
                bytes.Add(utf8[at]);
                continue;
            }

            var next = utf8[++at];
            var digits =
                next == 'x' ? Run(utf8[(at + 1)..], 2, char.IsAsciiHexDigit) : Run(utf8[at..], 3, digit => digit is >= '0' and <= '7');
            if (digits.Length > 0)
            {
                bytes.Add(
                    next == 'x'
                        ? byte.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                        : (byte)Convert.ToInt32(digits, 8)
                );
                at += next == 'x' ? digits.Length : digits.Length - 1;
                continue;
            }
            bytes.Add(
                next switch
                {
                    (byte)'b' => (byte)'\b',
                    (byte)'f' => (byte)'\f',
                    (byte)'n' => (byte)'\n',
                    (byte)'r' => (byte)'\r',
                    (byte)'t' => (byte)'\t',
                    (byte)'v' => (byte)'\v',
                    _ => next,
                }
            );
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static string Run(ReadOnlySpan<byte> bytes, int most, Func<char, bool> isDigit)
    {
        var length = 0;
        while (length < most && length < bytes.Length && isDigit((char)bytes[length]))
            length++;
        return Encoding.ASCII.GetString(bytes[..length]);
    }
}
