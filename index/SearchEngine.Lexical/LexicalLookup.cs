using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical;

/// <summary>
/// What the words of one query are in an index: a search leaves it, and a scoring of documents by the same words, which follows, need not
/// look them up again. Where the index has changed in between, it is looked up anew. For one query and one thread at a time; holds no
/// files.
/// </summary>
public sealed class LexicalLookup
{
    internal ParsedQuery? Parsed { get; set; }

    internal PreparedQuery? Prepared { get; set; }
}
