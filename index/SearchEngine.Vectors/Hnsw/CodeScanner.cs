using System.Numerics;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>The exact scan over the codes: where it costs less than a walk, or a walk found too little. Thread-safe.</summary>
internal sealed unsafe class CodeScanner(
    HnswGraph graph,
    OrdinalMap map,
    FullVectors vectors,
    FilteredWalker filtered,
    DistanceMetric metric
)
{
    // From one slot of so many on that match, a scan goes node by node instead of ordinal by ordinal.
    private const int DenseShare = 8;

    private readonly HnswGraph _graph = graph;
    private readonly OrdinalMap _map = map;
    private readonly FullVectors _vectors = vectors;
    private readonly FilteredWalker _filtered = filtered;

    // What a scan has found: the nearest estimates, or with hits the nearest in full precision.
    private ref struct ScanResults
    {
        public Beam Best;
        public Span<VectorHit> Hits;
        public int Found;

        // Codes gathered for the next batch.
        public int Gathered;

        // Candidates that wait in the scratch for their full-precision comparison, until their vectors have had time to arrive from memory.
        public int Pending;
    }

    /// <summary>Search over the codes of all live nodes, or of those in a filter; keeps the nearest estimates.</summary>
    public Beam Scan(SearchScratch scratch, OrdinalSet? filter, int keep)
    {
        scratch.EnsureBeams(keep);
        var results = new ScanResults { Best = scratch.BeamOf(0, keep) };
        ScanAll(scratch, filter, ref results);
        return results.Best;
    }

    /// <summary>
    /// The same, but every candidate that its error bound does not rule out is compared in full precision: the result is exact up to the
    /// bound,
    /// however close together the distances lie.
    /// </summary>
    public int ScanReranked(SearchScratch scratch, OrdinalSet? filter, Span<VectorHit> destination)
    {
        var results = new ScanResults { Hits = destination };
        ScanAll(scratch, filter, ref results);
        return results.Found;
    }

    /// <summary>Compares everything in full precision: where vectors are of a size that codes do not hold for.</summary>
    public int ScanExact(SearchScratch scratch, OrdinalSet? filter, Span<VectorHit> destination)
    {
        int slots = Math.Min(_graph.Slots, ScanLimit(scratch.Space)),
            found = 0;
        for (var id = 0; id < slots; id++)
        {
            if (_filtered.Admits(filter, id))
                Reranker.Keep(destination, ref found, new VectorHit(id, _vectors.ExactOf(scratch, id, float.MaxValue)));
        }
        return found;
    }

    private void ScanAll(SearchScratch scratch, OrdinalSet? filter, ref ScanResults results)
    {
        var slots = Math.Min(_graph.Slots, ScanLimit(scratch.Space));
        // Node by node is the order of memory; ordinal by ordinal skips what does not match.
        if (filter == null || (!_map.IsIdentity && filter.Count >= slots / DenseShare))
        {
            for (var id = 0; id < slots; id++)
            {
                if (_filtered.Admits(filter, id))
                    ScanOne(scratch, id, ref results);
            }
        }
        else
        {
            var words = filter.Words;
            for (var w = 0; w < words.Length; w++)
            {
                for (var word = words[w]; word != 0; word &= word - 1)
                {
                    var id = _map.NodeOf(w * 64 + BitOperations.TrailingZeroCount(word));
                    if (id < slots && _graph.State(id) == NodeState.Live)
                        ScanOne(scratch, id, ref results);
                }
            }
        }
        ScanBatch(scratch, ref results);
        ComparePending(scratch, ref results);
    }

    private static int ScanLimit(CodeSpace space) => Math.Min(space.Codes.Capacity, space.Terms?.Capacity ?? int.MaxValue);

    private void ScanOne(SearchScratch scratch, int id, ref ScanResults results)
    {
        LayerWalker.Gather(scratch, results.Gathered++, id);
        if (results.Gathered == scratch.BatchCapacity)
            ScanBatch(scratch, ref results);
    }

    private void ScanBatch(SearchScratch scratch, ref ScanResults results)
    {
        var n = results.Gathered;
        results.Gathered = 0;
        if (n == 0)
            return;
        var codec = scratch.Space.Codec;
        codec.Score(scratch.Query, scratch.Rows, LayerWalker.TermRows(scratch), n, scratch.Distances);
        if (results.Hits.IsEmpty)
        {
            var limit = results.Best.Limit;
            for (var i = 0; i < n; i++)
            {
                if (scratch.Distances[i] < limit)
                {
                    results.Best.Insert(scratch.Distances[i], scratch.Ids[i]);
                    limit = results.Best.Limit;
                }
            }
            return;
        }
        var margin = Reranker.RerankDeviations * codec.Deviation(scratch.Query, scratch.Space.TermsOf(scratch.Ids[0]));
        var worst = WorstOf(results);
        for (var i = 0; i < n; i++)
        {
            if (codec.HasTerms && scratch.Distances[i] >= worst)
                margin = Reranker.RerankDeviations * codec.Deviation(scratch.Query, scratch.Terms[i]);
            if (scratch.Distances[i] - margin >= worst)
                continue;
            scratch.Pending[results.Pending++] = new PendingHit(scratch.Ids[i], scratch.Distances[i], scratch.Distances[i] - margin);
            _vectors.Prefetch(scratch.Ids[i]);
            if (results.Pending == scratch.Pending.Length)
            {
                ComparePending(scratch, ref results);
                worst = WorstOf(results);
            }
        }
    }

    private void ComparePending(SearchScratch scratch, ref ScanResults results)
    {
        foreach (var hit in scratch.Pending.AsSpan(0, results.Pending))
        {
            if (hit.Bound < WorstOf(results))
                Reranker.Keep(results.Hits, ref results.Found, new VectorHit(hit.Node, _vectors.ExactOf(scratch, hit.Node, hit.Estimate)));
        }
        results.Pending = 0;
    }

    // The internal distance that a candidate has to beat.
    private float WorstOf(in ScanResults results)
    {
        if (results.Found < results.Hits.Length)
            return float.PositiveInfinity;
        var worst = results.Hits[results.Found - 1].Distance;
        return metric == DistanceMetric.Euclidean ? worst * worst : worst;
    }
}
