using System.Text;
using SearchEngine.Embeddings.Tokenization;

namespace SearchEngine.Embeddings;

/// <summary>Replaces the matches of a regular expression by a fixed string.</summary>
internal sealed class RegexReplaceTextNormalizer(CodePointRegex regex, string content) : TextNormalizer
{
    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        var matches = regex.Matches(text);
        if (matches.Count == 0)
            return text;
        StringBuilder result = new(text.Length);
        var previous = 0;
        foreach (var match in matches)
        {
            result.Append(text[previous..match.Start]).Append(content);
            previous = match.End;
        }
        return result.Append(text[previous..]).ToString();
    }
}
