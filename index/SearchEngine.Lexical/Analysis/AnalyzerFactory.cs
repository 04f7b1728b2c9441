using Lucene.Net.Analysis;
using Lucene.Net.Analysis.Cjk;
using Lucene.Net.Analysis.Core;
using Lucene.Net.Analysis.Da;
using Lucene.Net.Analysis.De;
using Lucene.Net.Analysis.En;
using Lucene.Net.Analysis.Es;
using Lucene.Net.Analysis.Fi;
using Lucene.Net.Analysis.Fr;
using Lucene.Net.Analysis.It;
using Lucene.Net.Analysis.Miscellaneous;
using Lucene.Net.Analysis.Nl;
using Lucene.Net.Analysis.No;
using Lucene.Net.Analysis.Pt;
using Lucene.Net.Analysis.Ru;
using Lucene.Net.Analysis.Standard;
using Lucene.Net.Analysis.Sv;
using Lucene.Net.Analysis.Util;
using Lucene.Net.Util;

namespace SearchEngine.Lexical.Analysis;

/// <summary>Makes analyzers by name. The language analyzers are Lucene's own, with their default stop words.</summary>
internal static class AnalyzerFactory
{
    internal const LuceneVersion Version = LuceneVersion.LUCENE_48;

    /// <summary>Longest term of the "keyword" analyzer in characters: 3 UTF-8 bytes each stay under Lucene's limit of 32,766.</summary>
    private const int MaxKeywordLength = 10_000;

    /// <summary>
    /// The ending of the names of the second version's analyzers (<see cref="WordAnalyzer"/>): what a name means never changes.
    /// </summary>
    private const string SecondVersion = ".2";

    private static readonly SortedDictionary<string, Func<Analyzer>> Factories = With(
        Languages.Analyzers,
        new(StringComparer.Ordinal)
        {
            ["cjk"] = () => new CJKAnalyzer(Version),
            ["danish"] = () => new DanishAnalyzer(Version),
            ["dutch"] = () => new DutchAnalyzer(Version),
            ["english"] = () => new EnglishAnalyzer(Version),
            ["finnish"] = () => new FinnishAnalyzer(Version),
            ["french"] = () => new FrenchAnalyzer(Version),
            ["german"] = () => new GermanAnalyzer(Version),
            ["italian"] = () => new ItalianAnalyzer(Version),
            ["keyword"] = () =>
                Analyzer.NewAnonymous(
                    (_, reader) =>
                    {
                        var source = new KeywordTokenizer(reader);
                        return new TokenStreamComponents(
                            source,
                            new TruncateTokenFilter(new LowerCaseFilter(Version, source), MaxKeywordLength)
                        );
                    }
                ),
            ["norwegian"] = () => new NorwegianAnalyzer(Version),
            ["portuguese"] = () => new PortugueseAnalyzer(Version),
            ["russian"] = () => new RussianAnalyzer(Version),
            ["spanish"] = () => new SpanishAnalyzer(Version),
            ["standard"] = () => new StandardAnalyzer(Version, CharArraySet.Empty),
            ["swedish"] = () => new SwedishAnalyzer(Version),
            ["whitespace"] = () => new WhitespaceAnalyzer(Version),
        }
    );

    internal static IReadOnlyCollection<string> Names => Factories.Keys;

    /// <exception cref="ArgumentException">The name is not one of <see cref="Names"/>.</exception>
    internal static Analyzer Create(string name) =>
        Factories.TryGetValue(name, out var factory)
            ? factory()
            : throw new ArgumentException($"Unknown analyzer '{name}'. Known are: {string.Join(", ", Names)}.", nameof(name));

    private static SortedDictionary<string, Func<Analyzer>> With(
        IReadOnlyDictionary<string, Func<WordAnalyzer>> languages,
        SortedDictionary<string, Func<Analyzer>> first
    )
    {
        foreach (var (name, factory) in languages)
            first.Add(name + SecondVersion, factory);
        return first;
    }
}
