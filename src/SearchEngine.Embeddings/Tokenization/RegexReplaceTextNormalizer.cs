using System.Text.RegularExpressions;

namespace SearchEngine.Embeddings;

/// <summary>Replaces the matches of a regular expression by a fixed string.</summary>
internal sealed class RegexReplaceTextNormalizer(string pattern, string content) : TextNormalizer
{
    private readonly Regex _regex = new(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, TimeSpan.FromSeconds(30));

    public override ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) => _regex.Replace(text.ToString(), _ => content);
}
