using System.Text;
using System.Text.RegularExpressions;

namespace SearchEngine.Embeddings;

/// <summary>One step of a tokenizer.json normalizer. Implementations are thread-safe.</summary>
internal abstract class TextNormalizer
{
    /// <summary>The normalised text; may be the same span.</summary>
    public abstract ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text);
}

/// <summary>NFC, NFD, NFKC and NFKD.</summary>
internal sealed class UnicodeTextNormalizer(UnicodeForm form) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) => UnicodeNormalizer.Normalize(text, form);
}

/// <summary>Puts a string in front of a text that is not empty.</summary>
internal sealed class PrependTextNormalizer(string prefix) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) => text.IsEmpty ? text : string.Concat(prefix, text);
}

/// <summary>Replaces a string.</summary>
internal sealed class ReplaceTextNormalizer(string pattern, string content) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) =>
        text.IndexOf(pattern, StringComparison.Ordinal) < 0 ? text : text.ToString().Replace(pattern, content, StringComparison.Ordinal);
}

/// <summary>Replaces the matches of a regular expression by a fixed string.</summary>
internal sealed class RegexReplaceTextNormalizer(string pattern, string content) : TextNormalizer
{
    private readonly Regex _regex = new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, TimeSpan.FromSeconds(30));

    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) => _regex.Replace(text.ToString(), _ => content);
}

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripTextNormalizer(bool left, bool right) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        if (left)
            text = text.TrimStart();
        return right ? text.TrimEnd() : text;
    }
}

/// <summary>Lower case by Unicode's simple mappings, and "İ" as Unicode's full mapping has it.</summary>
internal sealed class LowercaseTextNormalizer : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        StringBuilder result = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value == 'İ')
                result.Append("i\u0307");
            else
                result.Append(Rune.ToLowerInvariant(rune).ToString());
        }
        return result.ToString();
    }
}

/// <summary>Several normalizers, one after the other.</summary>
internal sealed class SequenceTextNormalizer(TextNormalizer[] steps) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        foreach (TextNormalizer step in steps)
            text = step.Normalize(text);
        return text;
    }
}
