using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// GPT-2's way of writing bytes as printable characters (its bytes_to_unicode): bytes that are printable Latin-1 stand for themselves,
/// the others for U+0100 and up, in order. A space is "Ġ".
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharOfByte = BuildChars();
    private static readonly Dictionary<char, byte> ByteOfChar = Enumerable.Range(0, 256).ToDictionary(b => CharOfByte[b], b => (byte)b);

    /// <summary>The character of a byte.</summary>
    public static char Char(byte value) => CharOfByte[value];

    /// <summary>The text that writes the bytes.</summary>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        foreach (var b in bytes)
            text.Append(CharOfByte[b]);
        return text.ToString();
    }

    /// <summary>The bytes that the text writes, or null if it has other characters.</summary>
    public static byte[]? Read(string text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (!ByteOfChar.TryGetValue(text[i], out bytes[i]))
                return null;
        }
        return bytes;
    }

    private static char[] BuildChars()
    {
        var chars = new char[256];
        var next = 0x100;
        for (var b = 0; b < 256; b++)
            chars[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)b : (char)next++;
        return chars;
    }
}
