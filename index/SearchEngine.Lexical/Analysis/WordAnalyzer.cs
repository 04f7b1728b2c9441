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
internal sealed class WordAnalyzer(CharArraySet stopWords, Func<TokenStream, TokenStream>? stem) : Analyzer
{
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
