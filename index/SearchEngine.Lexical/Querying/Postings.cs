using Lucene.Net.Index;

namespace SearchEngine.Lexical.Querying;

/// <summary>The documents of a segment that hold a term (or phrase) in a field.</summary>
/// <param name="Documents">Documents and frequencies.</param>
/// <param name="Weight">What one occurrence counts: the term's weight × the field's.</param>
/// <param name="Term">The term.</param>
/// <param name="Field">The field.</param>
/// <param name="Place">Where the segment's dictionary has the term, for a second walk; null for phrases.</param>
internal readonly record struct Postings(DocsEnum Documents, float Weight, QueryTerm Term, LexicalField Field, TermPlace? Place);
