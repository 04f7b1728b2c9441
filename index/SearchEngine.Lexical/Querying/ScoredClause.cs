namespace SearchEngine.Lexical.Querying;

/// <summary>A clause with what it weighs in an index at the moment of a search.</summary>
/// <param name="Clause">The clause.</param>
/// <param name="Idf">Inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)); of a phrase the sum over its terms.</param>
/// <param name="Value">The most it can give to a document: idf × (k1 + 1) × count.</param>
internal sealed record ScoredClause(QueryClause Clause, float Idf, float Value);
