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

    /// <summary>The analyzer of new indexes.</summary>
    public const string DefaultAnalyzer = "english.2";

    /// <summary>
    /// Name of the analyzer for all full-text fields; what a name means never changes, so that an index is searched as it was made.
    /// Names that end in ".2" (english.2, german.2, …, simple.2 without stems) keep identifiers and compounds whole and in parts, fold
    /// accents
    /// beside the written form, and keep stop words for queries of nothing else. Before them were "english" (UAX#29 words, possessive,
    /// lower case, stop words, Porter stems), the other languages' names, "standard" (words and lower case only), "whitespace" and
    /// "keyword" (the whole value, lower case). See <see cref="AnalyzerNames"/>.
    /// </summary>
    public string Analyzer { get; init; } = DefaultAnalyzer;

    /// <summary>BM25 term-frequency saturation, finite and at least 0.</summary>
    public float K1 { get; init; } = DefaultK1;

    /// <summary>BM25 length normalization, 0 to 1.</summary>
    public float B { get; init; } = DefaultB;

    /// <summary>The names that <see cref="Analyzer"/> accepts.</summary>
    public static IReadOnlyCollection<string> AnalyzerNames => Analysis.AnalyzerFactory.Names;
}
