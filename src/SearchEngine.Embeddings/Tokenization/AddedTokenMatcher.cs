using System.Buffers;
using System.Globalization;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>Finds added tokens in a text, the leftmost first and the longest of those. Immutable and thread-safe.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<string> _search;
    private readonly Dictionary<string, AddedToken> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly int[] _lengths;

    /// <param name="tokens">What to look for, and the token it stands for; at least one, none empty.</param>
    public AddedTokenMatcher(IReadOnlyCollection<(string Content, AddedToken Token)> tokens)
    {
        foreach ((var content, var token) in tokens)
            _tokens.TryAdd(content, token);
        _search = SearchValues.Create([.. _tokens.Keys], StringComparison.Ordinal);
        _lookup = _tokens.GetAlternateLookup<ReadOnlySpan<char>>();
        _lengths = [.. _tokens.Keys.Select(content => content.Length).Distinct().OrderDescending()];
    }

    /// <summary>Finds the first token at or after <paramref name="from"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where the last token ended.</param>
    /// <param name="start">Where the token begins, its white space included.</param>
    /// <param name="end">Where it ends, its white space included.</param>
    /// <returns>The token, or null if there is no further one.</returns>
    public AddedToken? Next(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        for (var position = from; position < text.Length; )
        {
            var offset = text[position..].IndexOfAny(_search);
            if (offset < 0)
                break;
            position += offset;
            var token = Longest(text[position..], out var length);
            start = position;
            end = position + length;
            position = end;
            if (token.SingleWord && (EndsInWord(text[..start]) || StartsWithWord(text[end..])))
                continue;
            if (token.StripLeft)
                start = Math.Max(from, text[..start].TrimEnd().Length);
            if (token.StripRight)
                end = text.Length - text[end..].TrimStart().Length;
            return token;
        }
        start = end = text.Length;
        return null;
    }

    private AddedToken Longest(ReadOnlySpan<char> text, out int length)
    {
        foreach (var candidate in _lengths)
        {
            if (candidate <= text.Length && _lookup.TryGetValue(text[..candidate], out var token))
            {
                length = candidate;
                return token;
            }
        }
        throw new InvalidOperationException("The search found a token that is not in the table.");
    }

    private static bool EndsInWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == OperationStatus.Done && IsWord(rune);

    /// <summary>The \w of regular expressions: letters, marks, decimal digits and connectors.</summary>
    private static bool IsWord(Rune rune) =>
        Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.NonSpacingMark
            or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark
            or UnicodeCategory.DecimalDigitNumber
            or UnicodeCategory.LetterNumber
            or UnicodeCategory.ConnectorPunctuation => true,
            _ => Rune.IsLetter(rune),
        };
}
