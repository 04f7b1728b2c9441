namespace SearchEngine.Ingestion;

/// <summary>
/// Estimates tokens without a tokenizer: a word has one token for every four characters begun, each punctuation mark one, each
/// character outside the Latin, Greek and Cyrillic scripts one. Within a fifth of common vocabularies for prose, above them for code.
/// </summary>
internal static class TokenEstimate
{
    private const int CharactersPerToken = 4;

    /// <summary>
    /// The estimate; 0 for white space. Adding up the estimates of the parts between white space gives that of the whole.
    /// </summary>
    public static int Count(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = 0;
        var run = 0;
        foreach (var c in text)
        {
            if (c < '\u0530' && char.IsLetterOrDigit(c))
            {
                if (run++ % CharactersPerToken == 0)
                    tokens++;
                continue;
            }
            run = 0;
            if (!char.IsWhiteSpace(c) && !char.IsLowSurrogate(c))
                tokens++;
        }
        return tokens;
    }
}
