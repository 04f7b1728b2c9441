namespace SearchEngine.Hosting;

internal sealed record SearchSettings
{
    public int Top { get; init; } = SearchDefaults.Top;

    public SearchMode Mode { get; init; } = SearchMode.Hybrid;

    public FusionMethod Fusion { get; init; } = FusionMethod.RelativeScore;

    public int RankConstant { get; init; } = FusionOptions.DefaultRankConstant;

    /// <summary>Null, like the other: the model's own, see <see cref="FusionOptions.VectorWeight"/>.</summary>
    public double? VectorWeight { get; init; }

    public double? KeywordWeight { get; init; }

    /// <summary>Candidates each ranker brings; 0 lets the engine choose.</summary>
    public int Depth { get; init; }

    /// <summary>Beam width of the graph search; 0 takes the collection's.</summary>
    public int Ef { get; init; }

    /// <summary>
    /// The reranker for searches that ask for one: a model's folder, or "late" for late interaction with the embedding model; empty for
    /// none.
    /// </summary>
    public string Reranker { get; init; } = string.Empty;

    public int SnippetLength { get; init; } = SearchDefaults.SnippetLength;

    public FusionOptions ToFusion() =>
        new()
        {
            Method = Fusion,
            RankConstant = RankConstant,
            VectorWeight = VectorWeight,
            KeywordWeight = KeywordWeight,
            Depth = Depth,
        };
}
