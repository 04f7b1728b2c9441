using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>Lower case by Unicode's simple mappings, and "İ" as Unicode's full mapping has it.</summary>
internal sealed class LowercaseTextNormalizer : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        StringBuilder result = new(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == 'İ')
                result.Append("i\u0307");
            else
                result.Append(Rune.ToLowerInvariant(rune).ToString());
        }
        return result.ToString();
    }
}
