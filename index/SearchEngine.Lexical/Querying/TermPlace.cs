using Lucene.Net.Index;
using Lucene.Net.Util;

namespace SearchEngine.Lexical.Querying;

/// <summary>A term's place in the dictionary of a segment: its postings can be opened again without a look-up. Used by one thread at a time.</summary>
internal sealed class TermPlace(TermsEnum terms, BytesRef term)
{
    private readonly TermState _state = terms.GetTermState();

    /// <summary>The postings, before the first document.</summary>
    internal DocsEnum Open()
    {
        terms.SeekExact(term, _state);
        return terms.Docs(null, null, DocsFlags.FREQS);
    }
}
