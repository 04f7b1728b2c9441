namespace SearchEngine.Lexical.Querying;

/// <summary>Reads a text as prose (<see cref="LexicalSyntax.Words"/>).</summary>
internal static class ProseReader
{
    /// <summary>More words than this beside quotes are a sentence that quotes something.</summary>
    private const int MaxWordsBesidePhrases = 3;

    internal static List<QuerySegment> Read(string text) => Phrases(text) ?? [new QuerySegment(ClauseKind.Optional, text, IsQuoted: false)];

    /// <summary>Phrases and words; null where the quotes do not make it plain that phrases are meant.</summary>
    private static List<QuerySegment>? Phrases(string text)
    {
        if (!text.Contains('"', StringComparison.Ordinal))
            return null;
        var pieces = text.Split('"');
        // An odd number of pieces: every quote has its other.
        if (pieces.Length % 2 == 0)
            return null;
        var segments = new List<QuerySegment>();
        var words = 0;
        for (var i = 0; i < pieces.Length; i++)
        {
            var isQuoted = i % 2 == 1;
            if (isQuoted && (string.IsNullOrWhiteSpace(pieces[i]) || !IsApart(pieces[i - 1], pieces[i + 1])))
                return null;
            if (!isQuoted)
            {
                words += pieces[i]
                    .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                    .Count(word => word.Any(char.IsLetterOrDigit));
            }
            if (!string.IsNullOrWhiteSpace(pieces[i]))
                segments.Add(new QuerySegment(ClauseKind.Optional, pieces[i], isQuoted));
        }
        return words <= MaxWordsBesidePhrases ? segments : null;
    }

    /// <summary>Whether quotes open behind a space and close before one.</summary>
    private static bool IsApart(string before, string after) =>
        (before.Length == 0 || char.IsWhiteSpace(before[^1]) || before[^1] == '(')
        && (after.Length == 0 || !char.IsLetterOrDigit(after[0]));
}
