namespace SearchEngine.Lexical;

/// <summary>Counts of a field's values.</summary>
/// <param name="Field">The field.</param>
/// <param name="Values">The most frequent values with the number of documents that have them; of ranges every one, in order.</param>
/// <param name="Distinct">How many different values the documents have; of ranges how many ranges there are.</param>
/// <param name="Missing">Documents without a value.</param>
public sealed record LexicalFacet(string Field, IReadOnlyList<LexicalFacetValue> Values, int Distinct, int Missing);
