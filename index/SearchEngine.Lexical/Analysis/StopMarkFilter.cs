using Lucene.Net.Analysis;
using Lucene.Net.Analysis.TokenAttributes;
using Lucene.Net.Analysis.Util;

namespace SearchEngine.Lexical.Analysis;

/// <summary>
/// Lowers words and marks stop words, which stay in the index: a query of nothing else ("to be or not to be") looks for them, every
/// other query leaves them out. A stop word in capitals is followed by itself in capitals: IT and WHO are names.
/// </summary>
internal sealed class StopMarkFilter : TokenFilter
{
    private const int MaxAcronym = 5;

    private readonly CharArraySet _stopWords;
    private readonly ICharTermAttribute _term;
    private readonly IPositionIncrementAttribute _increment;
    private readonly ITypeAttribute _type;
    private string? _acronym;

    internal StopMarkFilter(TokenStream input, CharArraySet stopWords)
        : base(input)
    {
        _stopWords = stopWords;
        _term = AddAttribute<ICharTermAttribute>();
        _increment = AddAttribute<IPositionIncrementAttribute>();
        _type = AddAttribute<ITypeAttribute>();
    }

    public override bool IncrementToken()
    {
        if (_acronym is not null)
        {
            // The token before is still in the attributes: place and all.
            _term.SetEmpty().Append(_acronym);
            _type.Type = TokenTypes.Acronym;
            _increment.PositionIncrement = 0;
            _acronym = null;
            return true;
        }
        if (!m_input.IncrementToken())
            return false;
        var (buffer, length) = (_term.Buffer, _term.Length);
        var capitals = length is > 1 and <= MaxAcronym && buffer.AsSpan(0, length).IndexOfAnyExceptInRange('A', 'Z') < 0;
        var written = capitals ? new string(buffer, 0, length) : null;
        for (var i = 0; i < length; i++)
            buffer[i] = char.ToLowerInvariant(buffer[i]);
        if (_type.Type == TokenTypes.Word && _stopWords.Contains(buffer, 0, length))
        {
            _type.Type = TokenTypes.Stop;
            _acronym = written;
        }
        return true;
    }

    public override void Reset()
    {
        base.Reset();
        _acronym = null;
    }
}
