using Lucene.Net.Analysis;
using Lucene.Net.Analysis.Cjk;
using Lucene.Net.Analysis.Util;

namespace SearchEngine.Lexical.Analysis;

/// <summary>
/// The analyzer of new collections: words by <see cref="WordScanner"/>, lowered; stop words marked; accents folded beside the written
/// form; stems by a language's stemmer from Lucene; pairs of characters for Chinese, Japanese and Korean.
/// </summary>
/// <param name="stopWords">The language's stop words.</param>
/// <param name="stem">Puts the language's stemmer behind a stream; null for no stems.</param>
/// <param name="askingWords">Words that a query only asks with; null where the stop words hold them.</param>
internal sealed class WordAnalyzer(CharArraySet stopWords, Func<TokenStream, TokenStream>? stem, CharArraySet? askingWords = null)
    : Analyzer
{
    /// <summary>
    /// Words that are no subject of a query that has other words, though documents are indexed by them: "why", "does", "ever".
    /// </summary>
    internal CharArraySet AskingWords { get; } = askingWords ?? CharArraySet.Empty;

    protected override TokenStreamComponents CreateComponents(string fieldName, TextReader reader)
    {
        var source = new WordTokenizer(reader);
        TokenStream stream = new StopMarkFilter(source, stopWords);
        stream = new CJKBigramFilter(stream);
        stream = new FoldingFilter(stream);
        if (stem is not null)
            stream = stem(stream);
        return new TokenStreamComponents(source, new FoldedMarkFilter(stream));
    }
}
