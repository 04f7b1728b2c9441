namespace SearchEngine.SemanticKernel;

/// <summary>
/// Cuts a text into passages: at paragraphs while they fit, else at sentences, else at words, else anywhere but inside a surrogate pair.
/// </summary>
internal static class PassageSplitter
{
    private static readonly string[] Borders = ["\n\n", "\n", ". ", "? ", "! ", " "];

    /// <summary>
    /// Passages of at most <paramref name="length"/> characters, in order, none blank. Together they have all of the text but white space
    /// at the cuts.
    /// </summary>
    public static IEnumerable<string> Split(string text, int length)
    {
        text = text.ReplaceLineEndings("\n");
        var start = 0;
        while (start < text.Length)
        {
            var end = text.Length - start <= length ? text.Length : FindCut(text, start, length);
            var passage = text[start..end].Trim();
            if (passage.Length > 0)
                yield return passage;
            start = end;
        }
    }

    private static int FindCut(string text, int start, int length)
    {
        var window = text.AsSpan(start, length);
        foreach (var border in Borders)
        {
            // Not before the middle: a cut at a far paragraph would leave crumbs.
            var at = window.LastIndexOf(border, StringComparison.Ordinal);
            if (at >= length / 2)
                return start + at + border.Length;
        }

        return length > 1 && char.IsHighSurrogate(text[start + length - 1]) ? start + length - 1 : start + length;
    }
}
