using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Makes hits of candidates: compares them in full precision, as far as the error of their estimates asks for it. Thread-safe.
/// </summary>
internal sealed unsafe class Reranker(FullVectors vectors, DistanceMetric metric)
{
    // Re-ranking skips candidates that are farther than the worst result by this many deviations of the estimate's error.
    public const float RerankDeviations = 3;

    // Full-precision vectors that are asked for before their turn.
    private const int RerankAhead = 5;

    private readonly FullVectors _vectors = vectors;

    /// <summary>Full-precision distances of the first candidates; keeps the nearest of them.</summary>
    /// <param name="scratch">The search's scratch.</param>
    /// <param name="results">The candidates, by their estimates.</param>
    /// <param name="rerank">How many are compared.</param>
    /// <param name="known">The distances that this search has computed so far, taken and added to; null where none is needed twice.</param>
    /// <param name="destination">Takes the nearest.</param>
    public int Rerank(SearchScratch scratch, ref Beam results, int rerank, ExactDistances? known, Span<VectorHit> destination)
    {
        var n = Math.Min(results.Count, rerank);
        for (var i = 0; i < Math.Min(RerankAhead, n); i++)
            PrefetchUnknown(known, results.Id(i));
        var found = 0;
        var codec = scratch.Space.Codec;
        for (var i = 0; i < n; i++)
        {
            var id = results.Id(i);
            float distance;
            if (found == destination.Length)
            {
                // A candidate whose estimate is so far behind the worst result that its error would have to be beyond the bound is skipped.
                var worst = destination[found - 1].Distance;
                worst = metric == DistanceMetric.Euclidean ? worst * worst : worst;
                if (results.Distance(i) - RerankDeviations * codec.Deviation(scratch.Query, scratch.Space.TermsOf(id)) >= worst)
                    continue;
            }
            if (i + RerankAhead < n)
                PrefetchUnknown(known, results.Id(i + RerankAhead));
            if (known is null || !known.TryGet(id, out distance))
            {
                distance = _vectors.ExactOf(scratch, id, results.Distance(i));
                known?.Add(id, distance);
            }
            Keep(destination, ref found, new VectorHit(id, distance));
        }
        return found;
    }

    private void PrefetchUnknown(ExactDistances? known, int id)
    {
        if (known is null || !known.TryGet(id, out _))
            _vectors.Prefetch(id);
    }

    public int CopyEstimates(SearchScratch scratch, ref Beam results, Span<VectorHit> destination)
    {
        var n = Math.Min(results.Count, destination.Length);
        for (var i = 0; i < n; i++)
            destination[i] = new VectorHit(results.Id(i), scratch.Space.Codec.ToMetric(results.Distance(i)));
        return n;
    }

    /// <summary>Insertion into a sorted list of bounded length.</summary>
    public static void Keep(Span<VectorHit> hits, ref int found, VectorHit hit)
    {
        var at = found;
        if (found < hits.Length)
            found++;
        else if (hit.Distance >= hits[found - 1].Distance)
            return;
        else
            at--;
        for (; at > 0 && hit.Distance < hits[at - 1].Distance; at--)
            hits[at] = hits[at - 1];
        hits[at] = hit;
    }
}
