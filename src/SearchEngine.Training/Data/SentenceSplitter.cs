namespace SearchEngine.Training;

/// <summary>
/// Splits a paragraph at sentence ends: a full stop, question or exclamation mark followed by space and an upper-case letter or digit.
/// </summary>
internal static class SentenceSplitter
{
    /// <summary>A full stop after so few letters is an initial or an abbreviation and ends nothing.</summary>
    private const int ShortestLastWord = 3;

    public static List<string> Split(string paragraph)
    {
        var sentences = new List<string>();
        var start = 0;
        for (var i = 0; i + 2 < paragraph.Length; i++)
        {
            var c = paragraph[i];
            if (c is not ('.' or '?' or '!') || paragraph[i + 1] != ' ')
                continue;
            var next = paragraph[i + 2];
            if (!char.IsUpper(next) && !char.IsDigit(next) && next is not ('"' or '(' or '-'))
                continue;
            if (c == '.' && i - LastSpace(paragraph, i) - 1 < ShortestLastWord && !char.IsDigit(paragraph[Math.Max(0, i - 1)]))
                continue;
            Add(paragraph, start, i + 1, sentences);
            start = i + 2;
        }

        Add(paragraph, start, paragraph.Length, sentences);
        return sentences;
    }

    private static int LastSpace(string text, int before) => text.LastIndexOf(' ', before);

    private static void Add(string text, int start, int end, List<string> sentences)
    {
        var sentence = text.AsSpan(start, end - start).Trim();
        if (!sentence.IsEmpty)
            sentences.Add(sentence.ToString());
    }
}
