namespace SearchEngine.Embeddings.Torch;

/// <summary>A low-rank adapter (Hu et al. 2021): y += scale · B·A·dropout(x) beside the projections it targets.</summary>
/// <param name="Name">Distinguishes adapters of one model.</param>
/// <param name="Rank">Columns of B and rows of A.</param>
/// <param name="Alpha">The update is scaled by alpha / rank (or alpha / √rank, see <paramref name="RankStabilized"/>).</param>
/// <param name="Dropout">Probability of zeroing an element of the adapter's input in training.</param>
/// <param name="Targets">Names of projections, for example q_proj; empty means all seven.</param>
/// <param name="RankStabilized">Scale by alpha / √rank (rsLoRA).</param>
internal sealed record LoraAdapterOptions(
    string Name,
    int Rank = 16,
    double Alpha = 32,
    double Dropout = 0.05,
    IReadOnlyCollection<string>? Targets = null,
    bool RankStabilized = false
)
{
    /// <summary>The factor on B·A.</summary>
    public double Scale => Alpha / (RankStabilized ? Math.Sqrt(Rank) : Rank);

    /// <summary>True if the projection of this name is adapted.</summary>
    public bool Covers(string projection) => Targets is null || Targets.Count == 0 || Targets.Contains(projection);
}
