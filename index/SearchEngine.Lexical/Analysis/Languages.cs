using Lucene.Net.Analysis;
using Lucene.Net.Analysis.Da;
using Lucene.Net.Analysis.De;
using Lucene.Net.Analysis.En;
using Lucene.Net.Analysis.Es;
using Lucene.Net.Analysis.Fi;
using Lucene.Net.Analysis.Fr;
using Lucene.Net.Analysis.Hu;
using Lucene.Net.Analysis.It;
using Lucene.Net.Analysis.Nl;
using Lucene.Net.Analysis.No;
using Lucene.Net.Analysis.Pt;
using Lucene.Net.Analysis.Ro;
using Lucene.Net.Analysis.Ru;
using Lucene.Net.Analysis.Snowball;
using Lucene.Net.Analysis.Sv;
using Lucene.Net.Analysis.Tr;
using Lucene.Net.Analysis.Util;
using Lucene.Net.Tartarus.Snowball.Ext;

namespace SearchEngine.Lexical.Analysis;

/// <summary>Stop words and stemmers of languages, Lucene's own, for <see cref="WordAnalyzer"/>.</summary>
internal static class Languages
{
    /// <summary>
    /// Lucene's English stop words, unlike its lists of other languages, have no question words and few auxiliaries. Left out of queries they
    /// change nDCG@10 of keyword search by +.004 on MedQuAD's training questions and by less than .001 on SciFact's training claims.
    /// </summary>
    private static readonly CharArraySet EnglishAskingWords = new(
        AnalyzerFactory.Version,
        (string[])
            [
                .. "who whom whose which what when where why how".Split(' '),
                .. "am been being do does did can could shall should would".Split(' '),
            ],
        ignoreCase: false
    );

    internal static readonly IReadOnlyDictionary<string, Func<WordAnalyzer>> Analyzers = new SortedDictionary<string, Func<WordAnalyzer>>(
        StringComparer.Ordinal
    )
    {
        ["danish"] = () => new WordAnalyzer(DanishAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new DanishStemmer())),
        ["dutch"] = () =>
            new WordAnalyzer(DutchAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new Lucene.Net.Tartarus.Snowball.Ext.DutchStemmer())),
        ["english"] = () => new WordAnalyzer(EnglishAnalyzer.DefaultStopSet, s => new PorterStemFilter(s), EnglishAskingWords),
        ["finnish"] = () => new WordAnalyzer(FinnishAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new FinnishStemmer())),
        ["french"] = () => new WordAnalyzer(FrenchAnalyzer.DefaultStopSet, s => new FrenchLightStemFilter(s)),
        ["german"] = () => new WordAnalyzer(GermanAnalyzer.DefaultStopSet, s => new GermanLightStemFilter(s)),
        ["hungarian"] = () => new WordAnalyzer(HungarianAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new HungarianStemmer())),
        ["italian"] = () => new WordAnalyzer(ItalianAnalyzer.DefaultStopSet, s => new ItalianLightStemFilter(s)),
        ["norwegian"] = () => new WordAnalyzer(NorwegianAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new NorwegianStemmer())),
        ["portuguese"] = () => new WordAnalyzer(PortugueseAnalyzer.DefaultStopSet, s => new PortugueseLightStemFilter(s)),
        ["romanian"] = () => new WordAnalyzer(RomanianAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new RomanianStemmer())),
        ["russian"] = () => new WordAnalyzer(RussianAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new RussianStemmer())),
        ["simple"] = () => new WordAnalyzer(CharArraySet.Empty, null),
        ["spanish"] = () => new WordAnalyzer(SpanishAnalyzer.DefaultStopSet, s => new SpanishLightStemFilter(s)),
        ["swedish"] = () => new WordAnalyzer(SwedishAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new SwedishStemmer())),
        ["turkish"] = () => new WordAnalyzer(TurkishAnalyzer.DefaultStopSet, s => new SnowballFilter(s, new TurkishStemmer())),
    };
}
