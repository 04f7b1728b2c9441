using System.Buffers;
using SearchEngine.Moments;
using SearchEngine.Vectors;

namespace SearchEngine.Reading;

/// <summary>Finds the nearest records of a moment. Thread-safe.</summary>
internal sealed class VectorRanker(IReadOnlyList<VectorFieldIndex> vectors)
{
    /// <summary>The vector ranking of a search, and how several became one; null where it goes by one vector.</summary>
    /// <param name="plan">A search by vectors.</param>
    /// <param name="queries">The query vectors, in the order of its targets.</param>
    /// <param name="lease">The moment.</param>
    /// <param name="matching">The records that pass the filter; null for all.</param>
    public (VectorHit[] Nearest, JointRanking? Joint) Rank(
        SearchPlan plan,
        IReadOnlyList<ReadOnlyMemory<float>> queries,
        ReadLease lease,
        ulong[]? matching
    )
    {
        // Over the measuring too: what is measured must stay.
        using var step = lease.Step();
        var rankings = RankEach(plan, queries, lease, matching);
        if (!plan.IsJoint)
            return (rankings[0], null);
        var joint = new JointRanking(
            plan.Vectors,
            rankings,
            SearchPlan.Depths(plan.FirstDepth, plan.Depth),
            (target, ordinals) => Measure(plan.Vectors[target].Field, queries[target].Span, ordinals)
        );
        return (joint.Hits, joint);
    }

    /// <summary>The ranking of each target of a search by vectors, in their order.</summary>
    public VectorHit[][] RankEach(SearchPlan plan, IReadOnlyList<ReadOnlyMemory<float>> queries, ReadLease lease, ulong[]? matching)
    {
        using var step = lease.Step();
        var rankings = new VectorHit[queries.Count][];
        for (var i = 0; i < rankings.Length; i++)
            rankings[i] = Nearest(plan, plan.Vectors[i].Field, queries[i].Span, step.Moment.Live, matching);
        return rankings;
    }

    /// <summary>Distances of records, near or far; <see cref="float.NaN"/> where one has no vector.</summary>
    public float[] Measure(VectorField field, ReadOnlySpan<float> query, int[] ordinals)
    {
        var distances = new float[ordinals.Length];
        IndexOf(field).Measure(query, ordinals, distances);
        return distances;
    }

    private VectorHit[] Nearest(SearchPlan plan, VectorField field, ReadOnlySpan<float> query, LiveSnapshot live, ulong[]? matching)
    {
        VectorFieldIndex.Validate(field, query, "the query");
        var index = IndexOf(field);
        var depth = Math.Min(plan.Depth, Math.Max(1, index.Count));
        var hits = ArrayPool<VectorHit>.Shared.Rent(depth);
        try
        {
            var options = new VectorQueryOptions { Ef = plan.Request.Ef, Filter = matching is null ? null : SetOf(matching) };
            var found = hits.AsSpan(0, index.Search(query, hits.AsSpan(0, depth), options));
            if (matching is null && HasInvisible(found, live))
                found = hits.AsSpan(0, index.Search(query, hits.AsSpan(0, depth), options with { Filter = SetOf(live.SharedWords()) }));
            return found.ToArray();
        }
        finally
        {
            ArrayPool<VectorHit>.Shared.Return(hits);
        }
    }

    private VectorIndex IndexOf(VectorField field) => vectors.First(v => v.Field.Name == field.Name).Index;

    private static bool HasInvisible(ReadOnlySpan<VectorHit> hits, LiveSnapshot live)
    {
        foreach (var hit in hits)
        {
            if (!live.Contains(hit.Ordinal))
                return true;
        }

        return false;
    }

    private static OrdinalSet SetOf(ulong[] words) => new(words, words.Length * 64);
}
