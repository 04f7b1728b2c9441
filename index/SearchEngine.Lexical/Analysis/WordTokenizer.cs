using Lucene.Net.Analysis;
using Lucene.Net.Analysis.TokenAttributes;

namespace SearchEngine.Lexical.Analysis;

/// <summary>Lucene's view of <see cref="WordScanner"/>.</summary>
internal sealed class WordTokenizer : Tokenizer
{
    private readonly ICharTermAttribute _term;
    private readonly IOffsetAttribute _offset;
    private readonly IPositionIncrementAttribute _increment;
    private readonly ITypeAttribute _type;
    private List<WordPiece> _pieces = [];
    private int _at;
    private int _length;

    internal WordTokenizer(TextReader input)
        : base(input)
    {
        _term = AddAttribute<ICharTermAttribute>();
        _offset = AddAttribute<IOffsetAttribute>();
        _increment = AddAttribute<IPositionIncrementAttribute>();
        _type = AddAttribute<ITypeAttribute>();
    }

    public override void Reset()
    {
        base.Reset();
        // Lucene's own reader of strings gives null at the end.
        var text = m_input.ReadToEnd() ?? "";
        _length = text.Length;
        _pieces = WordScanner.Scan(text);
        _at = 0;
    }

    public override bool IncrementToken()
    {
        if (_at == _pieces.Count)
            return false;
        ClearAttributes();
        var piece = _pieces[_at++];
        _term.SetEmpty().Append(AccentFolding.Compose(piece.Text));
        _offset.SetOffset(CorrectOffset(piece.Start), CorrectOffset(piece.End));
        _increment.PositionIncrement = piece.Increment;
        _type.Type = piece.Type;
        return true;
    }

    public override void End()
    {
        base.End();
        _offset.SetOffset(CorrectOffset(_length), CorrectOffset(_length));
    }
}
