using System.Numerics;
using System.Runtime.InteropServices;
using SearchEngine.Vectors.Distance;
using SearchEngine.Vectors.Quantization;

namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    // Cost model, in units of one row scored from cache: a row met in the graph costs a random access more than one met in a scan,
    // and an expansion of a trained graph meets about this many new nodes.
    private const double RandomAccessFactor = 2.5;
    private const double NewNodesPerExpansion = 10;
    private const int DescentNodes = 150;

    // Re-ranking skips candidates that are farther than the worst result by this many deviations of the estimate's error.
    private const float RerankDeviations = 3;

    // Widest beam of a filtered search, as a multiple of ef, before the exact scan is taken instead.
    private const int MaxWidening = 64;

    /// <inheritdoc/>
    public override int Search(ReadOnlySpan<float> query, Span<VectorHit> destination, in VectorQueryOptions options)
    {
        CheckVector(query, nameof(query));
        CheckSearch(destination, options);
        SearchScratch scratch = Rent();
        try
        {
            Interlocked.Exchange(ref scratch.SearchEpoch, Volatile.Read(ref _repairEpoch));
            return SearchCore(scratch, query, destination, options);
        }
        finally
        {
            Volatile.Write(ref scratch.SearchEpoch, 0);
            Return(scratch);
        }
    }

    private unsafe int SearchCore(SearchScratch scratch, ReadOnlySpan<float> query, Span<VectorHit> destination, in VectorQueryOptions options)
    {
        long entry = _graph.Entry;
        int live = Count;
        if (entry < 0 || live == 0)
            return 0;
        OrdinalSet? filter = options.Filter;
        int matching = filter == null ? live : Math.Min(filter.Count, live);
        if (matching == 0)
            return 0;
        int k = Math.Min(destination.Length, matching);
        int ef = Math.Max(options.Ef == 0 ? Options.EfSearch : options.Ef, k);
        VectorCodec codec = scratch.Space.Codec;
        int rerank = codec.IsExact || options.Rerank == -1 ? 0 : Math.Max(k, options.Rerank == 0 ? codec.RerankFor(k, ef) : options.Rerank);
        rerank = Math.Min(rerank, matching);
        int removed = Volatile.Read(ref _removed);

        Prepare(query, scratch.Vector);
        scratch.Space.Codec.PrepareQuery(scratch.Vector, scratch.Work, scratch.Query);

        double selectivity = (double)matching / live;
        double graphCost = RandomAccessFactor * (DescentNodes + NewNodesPerExpansion * ef * Math.Min(1 / selectivity, MaxWidening));
        Beam results;
        if (matching <= graphCost)
        {
            results = Scan(scratch, filter, Math.Max(k, rerank));
        }
        else if (filter == null && removed == 0)
        {
            scratch.EnsureBeams(ef);
            scratch.Begin(_graph.Slots);
            results = scratch.BeamOf(0, ef);
            (int start, float distance) = Descend(scratch, scratch.Query, entry, 0);
            SearchLayer(scratch, scratch.Query, ref results, start, distance, 0);
        }
        else
        {
            results = SearchFiltered(scratch, entry, ef, Math.Max(ef, rerank), filter, selectivity);
        }
        // Too few although more match: the walk was cut off, by a filter that the beam could not cross or by changes under way.
        if (results.Count < k)
            results = Scan(scratch, filter, Math.Max(k, rerank));
        return rerank > 0 ? Rerank(scratch, query, ref results, rerank, destination[..k]) : CopyEstimates(scratch, ref results, destination[..k]);
    }

    // Exact search over the codes of all live nodes, or of those in a filter.
    private unsafe Beam Scan(SearchScratch scratch, OrdinalSet? filter, int keep)
    {
        scratch.EnsureBeams(keep);
        Beam best = scratch.BeamOf(0, keep);
        int slots = Math.Min(_graph.Slots, ScanLimit(scratch.Space));
        int n = 0;
        if (filter == null)
        {
            for (int id = 0; id < slots; id++)
            {
                if (_graph.State(id) == NodeState.Live)
                    n = ScanOne(scratch, ref best, id, n);
            }
        }
        else
        {
            ReadOnlySpan<ulong> words = filter.Words;
            for (int w = 0; w < words.Length; w++)
            {
                for (ulong word = words[w]; word != 0; word &= word - 1)
                {
                    int id = w * 64 + BitOperations.TrailingZeroCount(word);
                    if (id < slots && _graph.State(id) == NodeState.Live)
                        n = ScanOne(scratch, ref best, id, n);
                }
            }
        }
        ScanBatch(scratch, ref best, n);
        return best;
    }

    private static int ScanLimit(CodeSpace space) => Math.Min(space.Codes.Capacity, space.Terms?.Capacity ?? int.MaxValue);

    private unsafe int ScanOne(SearchScratch scratch, ref Beam best, int id, int n)
    {
        Gather(scratch, n++, id);
        if (n < scratch.BatchCapacity)
            return n;
        ScanBatch(scratch, ref best, n);
        return 0;
    }

    private unsafe void ScanBatch(SearchScratch scratch, ref Beam best, int n)
    {
        scratch.Space.Codec.Score(scratch.Query, scratch.Rows, TermRows(scratch), n, scratch.Distances);
        float limit = best.Limit;
        for (int i = 0; i < n; i++)
        {
            if (scratch.Distances[i] < limit)
            {
                best.Insert(scratch.Distances[i], scratch.Ids[i]);
                limit = best.Limit;
            }
        }
    }

    // Walks through nodes that do not match but collects only live, matching ones; ends when the nearest candidate left is farther than
    // the worst result, or when the traversal beam, widened by the selectivity, is spent.
    private unsafe Beam SearchFiltered(SearchScratch scratch, long entry, int ef, int keep, OrdinalSet? filter, double selectivity)
    {
        int width = (int)Math.Min(ef * Math.Min(1 / selectivity + 0.5, MaxWidening), 65536);
        width = Math.Max(width, ef);
        scratch.EnsureBeams(Math.Max(width, keep));
        scratch.Begin(_graph.Slots);
        Beam traversal = scratch.BeamOf(1, width);
        Beam results = scratch.BeamOf(0, keep);
        (int node, float distance) = Descend(scratch, scratch.Query, entry, 0);
        scratch.Visited.Add(node);
        traversal.Insert(distance, node);
        if (Admits(filter, node))
            results.Insert(distance, node);
        while (true)
        {
            node = traversal.Expand();
            if (node < 0 || (results.IsFull && traversal.Distance(traversal.Cursor - 1) > results.Worst))
                return results;
            int n = CollectUnvisited(scratch, scratch.Visited, _graph.Links(node, 0), _graph.BaseLinks);
            int next = traversal.PeekNext();
            if (next >= 0)
                Prefetch(_graph.Links(next, 0));
            scratch.Space.Codec.Score(scratch.Query, scratch.Rows, TermRows(scratch), n, scratch.Distances);
            for (int i = 0; i < n; i++)
            {
                distance = scratch.Distances[i];
                if (distance < results.Limit)
                {
                    traversal.Insert(distance, scratch.Ids[i]);
                    if (Admits(filter, scratch.Ids[i]))
                        results.Insert(distance, scratch.Ids[i]);
                }
            }
        }
    }

    private bool Admits(OrdinalSet? filter, int node) =>
        (filter == null || filter.Contains(node)) && _graph.State(node) == NodeState.Live;

    private int CopyEstimates(SearchScratch scratch, ref Beam results, Span<VectorHit> destination)
    {
        int n = Math.Min(results.Count, destination.Length);
        for (int i = 0; i < n; i++)
            destination[i] = new VectorHit(results.Id(i), scratch.Space.Codec.ToMetric(results.Distance(i)));
        return n;
    }

    // Full-precision distances of the first candidates; keeps the nearest of them.
    private unsafe int Rerank(SearchScratch scratch, ReadOnlySpan<float> query, ref Beam results, int rerank, Span<VectorHit> destination)
    {
        int n = Math.Min(results.Count, rerank);
        int bytes = Dimension * sizeof(float);
        if (_full != null)
        {
            for (int i = 0; i < Math.Min(2, n); i++)
                PrefetchRow(_full.Row(results.Id(i)), bytes);
        }
        int found = 0;
        VectorCodec codec = scratch.Space.Codec;
        for (int i = 0; i < n; i++)
        {
            int id = results.Id(i);
            float distance;
            if (found == destination.Length)
            {
                // A candidate whose estimate is so far behind the worst result that its error would have to be beyond the bound is skipped.
                float worst = destination[found - 1].Distance;
                worst = Metric == DistanceMetric.Euclidean ? worst * worst : worst;
                if (results.Distance(i) - RerankDeviations * codec.Deviation(scratch.Query, scratch.Space.TermsOf(id)) >= worst)
                    continue;
            }
            if (_full != null)
            {
                if (i + 2 < n)
                    PrefetchRow(_full.Row(results.Id(i + 2)), bytes);
                distance = Exact(scratch.Vector, (float*)_full.Row(id), normalized: true);
            }
            else if (_reader!.TryRead(id, new Span<float>(scratch.Other, Dimension)))
            {
                distance = Exact(scratch.Vector, scratch.Other, normalized: false);
            }
            else
            {
                distance = scratch.Space.Codec.ToMetric(results.Distance(i));
            }
            int at = found;
            if (found < destination.Length)
                found++;
            else if (distance >= destination[found - 1].Distance)
                continue;
            else
                at--;
            while (at > 0 && distance < destination[at - 1].Distance)
            {
                destination[at] = destination[at - 1];
                at--;
            }
            destination[at] = new VectorHit(id, distance);
        }
        return found;
    }

    private unsafe float Exact(float* query, float* vector, bool normalized)
    {
        int n = Dimension;
        switch (Metric)
        {
            case DistanceMetric.Cosine:
                float dot = FloatKernels.Dot(query, vector, n);
                if (!normalized)
                    dot /= MathF.Sqrt(FloatKernels.Dot(vector, vector, n));
                return 1 - dot;
            case DistanceMetric.DotProduct:
                return -FloatKernels.Dot(query, vector, n);
            default:
                return MathF.Sqrt(FloatKernels.SquaredDistance(query, vector, n));
        }
    }

    private static unsafe void PrefetchRow(byte* row, int bytes)
    {
        for (int offset = 0; offset < bytes; offset += CacheLine)
            Prefetch(row + offset);
    }
}
