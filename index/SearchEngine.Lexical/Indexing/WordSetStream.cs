using Lucene.Net.Analysis;
using Lucene.Net.Analysis.TokenAttributes;

namespace SearchEngine.Lexical.Indexing;

/// <summary>A document's distinct words as a token stream.</summary>
internal sealed class WordSetStream : TokenStream
{
    private readonly WordSet _set;
    private readonly ICharTermAttribute _term;
    private IEnumerator<string> _words;

    internal WordSetStream(WordSet set)
    {
        _set = set;
        _words = set.Words.GetEnumerator();
        _term = AddAttribute<ICharTermAttribute>();
    }

    public override bool IncrementToken()
    {
        if (!_words.MoveNext())
            return false;
        ClearAttributes();
        _term.Append(_words.Current);
        return true;
    }

    public override void Reset()
    {
        base.Reset();
        _words = _set.Words.GetEnumerator();
    }
}
