using Lucene.Net.Analysis;
using Lucene.Net.Analysis.TokenAttributes;
using Lucene.Net.Util;
using Attribute = Lucene.Net.Util.Attribute;

namespace SearchEngine.Lexical.Indexing;

/// <summary>A token stream of one term of arbitrary bytes, which Lucene's own field types cannot index.</summary>
internal sealed class BinaryTermStream : TokenStream
{
    private bool _done;

    public BinaryTermStream(BytesRef term) => AddAttributeImpl(new TermAttribute(term));

    public override bool IncrementToken()
    {
        if (_done)
            return false;
        _done = true;
        return true;
    }

    public override void Reset()
    {
        base.Reset();
        _done = false;
    }

    private sealed class TermAttribute(BytesRef term) : Attribute, ITermToBytesRefAttribute
    {
        public BytesRef BytesRef { get; private set; } = term;

        public void FillBytesRef() { }

        // The term is fixed for the life of the stream.
        public override void Clear() { }

        public override void CopyTo(IAttribute target) => ((TermAttribute)target).BytesRef = BytesRef;
    }
}
