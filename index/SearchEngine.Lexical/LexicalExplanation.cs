namespace SearchEngine.Lexical;

/// <summary>Why a document has its score for a query.</summary>
/// <param name="Score">The document's BM25 score; 0 if it does not match.</param>
/// <param name="Matches">Each matching term (or phrase) in each field, largest contribution first; the contributions add up to the
/// score.</param>
public sealed record LexicalExplanation(float Score, IReadOnlyList<LexicalTermMatch> Matches);

/// <summary>One term's part in a score: <c>Contribution = Idf × tf part × boosts</c>.</summary>
/// <param name="Field">The full-text field.</param>
/// <param name="Term">The term as indexed (stemmed); the terms of a phrase separated by spaces.</param>
/// <param name="Frequency">How often it occurs in the field.</param>
/// <param name="Idf">Inverse document frequency, ln(1 + (N - n + 0.5) / (n + 0.5)); for a phrase the sum over its terms.</param>
/// <param name="Contribution">What it adds to the score.</param>
public sealed record LexicalTermMatch(string Field, string Term, int Frequency, float Idf, float Contribution);
