namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Finds the narrowest beam that reaches a recall on a sample of the vectors in an index, each asked for its own neighbours.
/// </summary>
internal sealed class RecallTuner(VectorIndex index, int k, CancellationToken cancellationToken)
{
    private const int WidestBeam = 4096;

    // A beam as wide as this is answered by the exact scan, or as good as that.
    private const int ExactBeam = 65536;

    public VectorQueryOptions OptionsFor(double recall, (int Ordinal, float[] Vector)[] asked)
    {
        if (asked.Length == 0)
            return default;
        var exact = new HashSet<int>[asked.Length];
        for (var i = 0; i < asked.Length; i++)
            exact[i] = Neighbours(asked[i], ExactBeam);
        int below = k - 1,
            ef = k;
        while (Measure(asked, exact, ef) < recall && ef < WidestBeam)
            (below, ef) = (ef, Math.Min(WidestBeam, ef + ef / 2 + 1));
        while (ef - below > 1 + ef / 16)
        {
            var middle = (below + ef) / 2;
            if (Measure(asked, exact, middle) < recall)
                below = middle;
            else
                ef = middle;
        }
        return new VectorQueryOptions { Ef = ef };
    }

    private double Measure((int Ordinal, float[] Vector)[] asked, HashSet<int>[] exact, int beam)
    {
        int found = 0,
            wanted = 0;
        for (var i = 0; i < asked.Length; i++)
        {
            found += Neighbours(asked[i], beam).Count(exact[i].Contains);
            wanted += exact[i].Count;
        }
        return wanted == 0 ? 1 : (double)found / wanted;
    }

    // Without the vector itself.
    private HashSet<int> Neighbours((int Ordinal, float[] Vector) of, int beam)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var hits = new VectorHit[k + 1];
        var n = index.Search(of.Vector, hits, new VectorQueryOptions { Ef = Math.Max(beam, k + 1) });
        return [.. hits.Take(n).Select(h => h.Ordinal).Where(o => o != of.Ordinal).Take(k)];
    }
}
