namespace SearchEngine.Lexical;

/// <summary>
/// Fields, analyzer and BM25 parameters of an index. Fields and analyzer are fixed when the index is created;
/// <see cref="K1"/>, <see cref="B"/> and boosts act at query time and may differ at every open.
/// </summary>
public sealed record LexicalSchema
{
    /// <summary>Default <see cref="K1"/>: the value with which the published BM25 baselines of BEIR were made.</summary>
    public const float DefaultK1 = 0.9f;

    /// <summary>Default <see cref="B"/>: see <see cref="DefaultK1"/>.</summary>
    public const float DefaultB = 0.4f;

    /// <summary>The fields, in any order, names unique.</summary>
    public required IReadOnlyList<LexicalField> Fields { get; init; }

    /// <summary>
    /// Name of the analyzer for all full-text fields: "english" (UAX#29 words, possessive, lower case, stop words, Porter stems),
    /// "standard" (words and lower case only), "whitespace", "keyword" (the whole value, lower case), or the name of a language
    /// (see <see cref="AnalyzerNames"/>).
    /// </summary>
    public string Analyzer { get; init; } = "english";

    /// <summary>BM25 term-frequency saturation, finite and at least 0.</summary>
    public float K1 { get; init; } = DefaultK1;

    /// <summary>BM25 length normalization, 0 to 1.</summary>
    public float B { get; init; } = DefaultB;

    /// <summary>The names that <see cref="Analyzer"/> accepts.</summary>
    public static IReadOnlyCollection<string> AnalyzerNames => Analysis.AnalyzerFactory.Names;
}
