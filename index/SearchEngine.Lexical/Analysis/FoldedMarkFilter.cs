using Lucene.Net.Analysis;
using Lucene.Net.Analysis.TokenAttributes;

namespace SearchEngine.Lexical.Analysis;

/// <summary>
/// Marks the folded forms behind the stemmer, so that <c>resume</c> as written and as the folded form of <c>résumé</c> are two terms, of
/// which a query prefers the one that it writes.
/// </summary>
internal sealed class FoldedMarkFilter : TokenFilter
{
    /// <summary>The end of a folded term; no word has it.</summary>
    internal const char Mark = '\u0001';

    private readonly ICharTermAttribute _term;
    private readonly ITypeAttribute _type;

    internal FoldedMarkFilter(TokenStream input)
        : base(input)
    {
        _term = AddAttribute<ICharTermAttribute>();
        _type = AddAttribute<ITypeAttribute>();
    }

    public override bool IncrementToken()
    {
        if (!m_input.IncrementToken())
            return false;
        if (_type.Type == TokenTypes.Folded)
            _term.Append(Mark);
        return true;
    }
}
