namespace SearchEngine.Lexical;

/// <summary>All documents that a query matches.</summary>
/// <param name="Hits">The best of them, as a search gives them.</param>
/// <param name="Ordinals">Their ordinals.</param>
/// <param name="Facets">The counts over them, in the order of the requests.</param>
public sealed record LexicalMatches(IReadOnlyList<LexicalHit> Hits, OrdinalBits Ordinals, IReadOnlyList<LexicalFacet> Facets);
