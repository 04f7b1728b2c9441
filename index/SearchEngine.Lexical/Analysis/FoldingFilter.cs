using Lucene.Net.Analysis;
using Lucene.Net.Analysis.TokenAttributes;

namespace SearchEngine.Lexical.Analysis;

/// <summary>Follows each word that has accents or ligatures with its form without them.</summary>
internal sealed class FoldingFilter : TokenFilter
{
    private readonly ICharTermAttribute _term;
    private readonly IPositionIncrementAttribute _increment;
    private readonly ITypeAttribute _type;
    private string? _folded;

    internal FoldingFilter(TokenStream input)
        : base(input)
    {
        _term = AddAttribute<ICharTermAttribute>();
        _increment = AddAttribute<IPositionIncrementAttribute>();
        _type = AddAttribute<ITypeAttribute>();
    }

    public override bool IncrementToken()
    {
        if (_folded is not null)
        {
            _term.SetEmpty().Append(_folded);
            _type.Type = TokenTypes.Folded;
            _increment.PositionIncrement = 0;
            _folded = null;
            return true;
        }
        if (!m_input.IncrementToken())
            return false;
        if (!System.Text.Ascii.IsValid(_term.Buffer.AsSpan(0, _term.Length)))
        {
            var written = _term.ToString()!;
            var folded = AccentFolding.Fold(written);
            _folded = folded == written || folded.Length == 0 ? null : folded;
        }
        return true;
    }

    public override void Reset()
    {
        base.Reset();
        _folded = null;
    }
}
