namespace SearchEngine.DatabaseComparison.Data;

/// <summary>Keyword queries out of a text that is not in the collection.</summary>
internal static class QueryTexts
{
    private const int SentenceWords = 12;
    private const int LeastLetters = 5;

    /// <summary>Its first words as they are.</summary>
    public static string Sentence(string text) => string.Join(' ', Words(text).Take(SentenceWords));

    /// <summary>Three of its longer words: the first, the middle one, the last.</summary>
    public static string ThreeWords(string text)
    {
        var words = Words(text).Where(word => word.Length >= LeastLetters).Distinct(StringComparer.OrdinalIgnoreCase).ToArray();
        return words.Length < 3 ? Sentence(text) : $"{words[0]} {words[words.Length / 2]} {words[^1]}";
    }

    // Letters alone: what means an operator in one database's queries means nothing in another's.
    private static IEnumerable<string> Words(string text) =>
        string.Concat(text.Select(c => char.IsAsciiLetter(c) ? c : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
