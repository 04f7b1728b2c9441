using System.Collections.Frozen;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// Makes short queries out of sentences and titles, as a person types them: lower-cased, without the final mark, sometimes with a typing
/// error. A function
/// of its arguments. Thread-safe.
/// </summary>
internal static class QueryMaker
{
    private const int ShortestPhrase = 2;
    private const int LongestPhrase = 9;
    private const double TypingErrorShare = 0.06;

    private static readonly FrozenSet<string> FunctionWords = (
        (string[])
            [
                "a",
                "about",
                "after",
                "all",
                "also",
                "although",
                "an",
                "and",
                "any",
                "are",
                "as",
                "at",
                "be",
                "became",
                "because",
                "been",
                "before",
                "being",
                "both",
                "but",
                "by",
                "can",
                "could",
                "did",
                "do",
                "does",
                "during",
                "each",
                "for",
                "from",
                "had",
                "has",
                "have",
                "he",
                "her",
                "his",
                "however",
                "if",
                "in",
                "into",
                "is",
                "it",
                "its",
                "many",
                "may",
                "more",
                "most",
                "no",
                "not",
                "of",
                "on",
                "one",
                "only",
                "or",
                "other",
                "over",
                "s",
                "she",
                "should",
                "since",
                "so",
                "some",
                "such",
                "than",
                "that",
                "the",
                "their",
                "them",
                "then",
                "there",
                "these",
                "they",
                "this",
                "those",
                "through",
                "to",
                "under",
                "until",
                "up",
                "was",
                "were",
                "when",
                "where",
                "which",
                "while",
                "who",
                "will",
                "with",
                "within",
                "would",
                "you",
                "your",
            ]
    ).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] TitleForms =
    [
        "what is {0}",
        "who or what was {0}",
        "{0} definition",
        "{0} explained",
        "how does {0} work",
        "history of {0}",
        "why is {0} important",
        "{0} examples",
        "tell me about {0}",
        "where does {0} come from",
        "meaning of {0}",
        "{0} overview",
        "facts about {0}",
        "what do we know about {0}?",
        "What is {0}?",
    ];

    /// <summary>A half of a sentence or some of its content words, by chance.</summary>
    /// <returns>Empty where the sentence has too few words.</returns>
    public static string FromSentence(string sentence, ref DeterministicRandom random)
    {
        var words = sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length < ShortestPhrase)
            return "";
        var phrase = random.Next(2) == 0 ? Part(words, ref random) : KeyWords(words, ref random);
        return Type(phrase, ref random);
    }

    /// <summary>A question or a phrase around a title, with the section's heading if there is one.</summary>
    public static string FromTitle(string title, string heading, ref DeterministicRandom random)
    {
        var subject = title.Trim().TrimEnd('?', '.', '!');
        if (heading.Length > 0 && random.Next(2) == 0)
            return Type(random.Next(2) == 0 ? $"{subject} {heading}" : $"{heading} of {subject}", ref random);
        var form = TitleForms[random.Next(TitleForms.Length)];
        return Type(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, subject), ref random);
    }

    private static string Part(string[] words, ref DeterministicRandom random)
    {
        var longest = Math.Min(LongestPhrase, words.Length);
        var count = random.Next(Math.Min(3, longest), longest);
        var start = random.Next(words.Length - count + 1);
        return string.Join(' ', words[start..(start + count)]);
    }

    private static string KeyWords(string[] words, ref DeterministicRandom random)
    {
        var content = words
            .Select(w => w.Trim('.', ',', ';', ':', '(', ')', '"', '?', '!', '\''))
            .Where(w => w.Length > 2 && !FunctionWords.Contains(w))
            .ToArray();
        if (content.Length < ShortestPhrase)
            return "";
        var count = random.Next(ShortestPhrase, Math.Min(5, content.Length));
        var start = random.Next(content.Length - count + 1);
        return string.Join(' ', content[start..(start + count)]);
    }

    private static string Type(string phrase, ref DeterministicRandom random)
    {
        var lower = random.Next(4) > 0;
        var typed = lower ? phrase.Trim().TrimEnd('.', ',', ';', ':').ToLowerInvariant() : phrase.Trim();
        return random.NextDouble() < TypingErrorShare ? WithTypingError(typed, ref random) : typed;
    }

    /// <summary>Swaps two neighbouring letters or leaves one out.</summary>
    private static string WithTypingError(string text, ref DeterministicRandom random)
    {
        if (text.Length < 6)
            return text;
        var at = random.Next(1, text.Length - 3);
        if (!char.IsAsciiLetter(text[at]) || !char.IsAsciiLetter(text[at + 1]))
            return text;
        return random.Next(2) == 0
            ? string.Concat(text.AsSpan(0, at), text.AsSpan(at + 1))
            : $"{text.AsSpan(0, at)}{text[at + 1]}{text[at]}{text.AsSpan(at + 2)}";
    }
}
