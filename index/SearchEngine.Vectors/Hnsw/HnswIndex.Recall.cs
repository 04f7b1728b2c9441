namespace SearchEngine.Vectors.Hnsw;

public sealed partial class HnswIndex
{
    private const int WidestBeam = 4096;

    // A beam as wide as this is answered by the exact scan, or as good as that.
    private const int ExactBeam = 65536;

    /// <inheritdoc/>
    public override VectorQueryOptions OptionsForRecall(double recall, int k = 10, int samples = 100, CancellationToken cancellationToken = default)
    {
        CheckRecall(recall, k, samples);
        (int Ordinal, float[] Vector)[] asked = Sample(samples);
        if (asked.Length == 0)
            return default;
        var exact = new HashSet<int>[asked.Length];
        for (int i = 0; i < asked.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            exact[i] = Neighbours(asked[i], ExactBeam);
        }
        int below = k - 1, ef = k;
        while (Measure(ef) < recall && ef < WidestBeam)
            (below, ef) = (ef, Math.Min(WidestBeam, ef + ef / 2 + 1));
        while (ef - below > 1 + ef / 16)
        {
            int middle = (below + ef) / 2;
            if (Measure(middle) < recall)
                below = middle;
            else
                ef = middle;
        }
        return new VectorQueryOptions { Ef = ef };

        double Measure(int beam)
        {
            int found = 0, wanted = 0;
            for (int i = 0; i < asked.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                found += Neighbours(asked[i], beam).Count(exact[i].Contains);
                wanted += exact[i].Count;
            }
            return wanted == 0 ? 1 : (double)found / wanted;
        }

        // Without the vector itself.
        HashSet<int> Neighbours((int Ordinal, float[] Vector) of, int beam)
        {
            var hits = new VectorHit[k + 1];
            int n = Search(of.Vector, hits, new VectorQueryOptions { Ef = Math.Max(beam, k + 1) });
            return [.. hits.Take(n).Select(h => h.Ordinal).Where(o => o != of.Ordinal).Take(k)];
        }
    }

    // Live vectors, evenly over the ordinals.
    private unsafe (int Ordinal, float[] Vector)[] Sample(int samples)
    {
        SearchScratch scratch = Rent();
        try
        {
            int slots = _graph.Slots;
            var sample = new List<(int, float[])>();
            for (int i = 0; i < samples; i++)
            {
                int node = NodeOf((int)((long)i * slots / samples));
                if (node >= slots || _graph.State(node) != NodeState.Live || (sample.Count > 0 && sample[^1].Item1 == OrdinalOf(node)))
                    continue;
                if (_full == null && _reader == null)
                    scratch.Space.Codec.Decode(scratch.Space.Codes.Row(node), scratch.Space.TermsOf(node), scratch.Vector);
                else
                    ReadPrepared(scratch, node);
                sample.Add((OrdinalOf(node), new ReadOnlySpan<float>(scratch.Vector, Dimension).ToArray()));
            }
            return [.. sample];
        }
        finally
        {
            Return(scratch);
        }
    }
}
