namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// When a walk ends before its beam is spent: once the nearest candidate left is farther than the k-th best found by a slack, so that easy
/// queries
/// end early and hard ones go on (Al-Jazzazi et al. 2025, "Distance Adaptive Beam Search for Provably Accurate Graph-Based Nearest Neighbor
/// Search", with 1 + γ on the distance). The estimates of quantized codes are granted their deviation on top. The default value never ends
/// one.
/// </summary>
/// <param name="wanted">k; 0 never ends a walk.</param>
/// <param name="slack">The share of the k-th distance, in internal distances.</param>
/// <param name="deviation">Of an estimate's error.</param>
internal readonly struct StopRule(int wanted, float slack, float deviation)
{
    /// <summary>Candidates beyond this distance are not expanded.</summary>
    public float Bound(in Beam beam)
    {
        if (wanted == 0 || beam.Count < wanted)
            return float.PositiveInfinity;
        var worst = beam.Distance(wanted - 1);
        return worst + slack * MathF.Abs(worst) + deviation;
    }
}
