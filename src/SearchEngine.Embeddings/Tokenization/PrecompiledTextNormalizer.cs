using System.Globalization;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// SentencePiece's rules as the tokenizers library applies them: a grapheme of less than six bytes becomes what the shortest rule at its
/// start says; of others, and of those without a rule, each character does.
/// </summary>
internal sealed class PrecompiledTextNormalizer(string path, byte[] rules) : TextNormalizer
{
    private const int LongestGrapheme = 5;

    private readonly CharacterMap? _map = CharacterMap.Read(path, rules);

    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        if (_map is null)
            return text;
        StringBuilder result = new(text.Length);
        Span<byte> utf8 = stackalloc byte[8];
        while (text.Length > 0)
        {
            var length = StringInfo.GetNextTextElementLength(text);
            var grapheme = text[..length];
            text = text[length..];
            if (Encoding.UTF8.GetByteCount(grapheme) <= LongestGrapheme && Append(utf8[..Encoding.UTF8.GetBytes(grapheme, utf8)], result))
                continue;
            foreach (var rune in grapheme.EnumerateRunes())
            {
                if (!Append(utf8[..rune.EncodeToUtf8(utf8)], result))
                    result.Append(rune.ToString());
            }
        }
        return result.ToString();
    }

    private bool Append(ReadOnlySpan<byte> text, StringBuilder result)
    {
        var rule = _map!.Find(text, longest: false, out _);
        if (rule < 0)
            return false;
        result.Append(Encoding.UTF8.GetString(_map.Replacement(rule)));
        return true;
    }
}
