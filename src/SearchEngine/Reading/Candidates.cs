using SearchEngine.Lexical;
using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>What the rankers brought to a search.</summary>
/// <param name="Nearest">The vector ranking, before <see cref="SearchRequest.MaximumDistance"/>.</param>
/// <param name="Keyword">The keyword ranking.</param>
internal sealed record Candidates(VectorHit[] Nearest, IReadOnlyList<LexicalHit> Keyword)
{
    /// <summary>How several vectors became the vector ranking; null where the search goes by one, or by none.</summary>
    public JointRanking? Joint { get; init; }

    /// <summary>Distances of keyword candidates that the vector ranking does not hold, where the fusion asks for them.</summary>
    public VectorHit[] Measured { get; init; } = [];

    /// <summary>Keyword scores of vector candidates that the keyword ranking does not hold but that match, likewise.</summary>
    public LexicalHit[] Weighed { get; init; } = [];
}
