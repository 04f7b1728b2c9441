namespace SearchEngine.Workloads.Host;

/// <summary>
/// 2,000 invented words of four syllables. None has a digit: analyzers read "word12" as two parts, and if all share the first, every search
/// meets every document.
/// </summary>
internal static class Vocabulary
{
    private static readonly string[] Syllables = ["ba", "de", "fi", "go", "lu", "me", "no", "ta"];

    private static readonly string[] Words =
    [
        .. Enumerable.Range(0, 2_000).Select(i => string.Concat(Enumerable.Range(0, 4).Select(part => Syllables[(i >> (3 * part)) % 8]))),
    ];

    /// <summary>A word; the first ones are frequent, as in a language.</summary>
    public static string Pick(Random random) => Words[(int)(Words.Length * random.NextDouble() * random.NextDouble())];

    /// <summary>Words with spaces between them.</summary>
    public static string Text(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Pick(random)));
}
