using SearchEngine.Lexical;

namespace SearchEngine.Reading;

/// <summary>All records that match a search, and what was asked to be counted over them.</summary>
/// <param name="Hits">The best of a keyword search; empty in other modes, where no ranker meets every record.</param>
/// <param name="Ordinals">The records.</param>
/// <param name="Facets">The counts, in the order of the requests.</param>
internal sealed record SearchMatches(IReadOnlyList<LexicalHit> Hits, OrdinalBits Ordinals, IReadOnlyList<Facet> Facets);
