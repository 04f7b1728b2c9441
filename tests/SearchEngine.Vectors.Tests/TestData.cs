namespace SearchEngine.Vectors.Tests;

/// <summary>Seeded data sets and exact answers.</summary>
internal static class TestData
{
    /// <summary>Row-major vectors around random centres: row i belongs to centre i mod <paramref name="centres"/>.</summary>
    public static float[] Clustered(int count, int dimension, int centres, int seed, float spread = 0.35f)
    {
        var random = new Random(seed);
        float[] middle = Gaussian(random, centres * dimension);
        float[] rows = Gaussian(random, count * dimension);
        for (int i = 0; i < count; i++)
        {
            for (int d = 0; d < dimension; d++)
                rows[i * dimension + d] = middle[i % centres * dimension + d] + spread * rows[i * dimension + d];
        }
        return rows;
    }

    public static float[] Gaussian(Random random, int count)
    {
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    public static int[] Ordinals(int count) => [.. Enumerable.Range(0, count)];

    /// <summary>The metric's distance in double precision, written from its definition.</summary>
    public static double Distance(DistanceMetric metric, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double dot = 0, na = 0, nb = 0, l2 = 0, l1 = 0, differing = 0;
        for (int i = 0; i < a.Length; i++)
        {
            dot += (double)a[i] * b[i];
            na += (double)a[i] * a[i];
            nb += (double)b[i] * b[i];
            l2 += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
            l1 += Math.Abs((double)a[i] - b[i]);
            differing += a[i] != b[i] ? 1 : 0;
        }
        return metric switch
        {
            DistanceMetric.Cosine => 1 - dot / Math.Sqrt(na * nb),
            DistanceMetric.DotProduct => -dot,
            DistanceMetric.Euclidean => Math.Sqrt(l2),
            DistanceMetric.Manhattan => l1,
            _ => differing,
        };
    }

    /// <summary>The k nearest of the rows that <paramref name="admit"/> takes.</summary>
    public static int[] Nearest(DistanceMetric metric, float[] rows, int dimension, ReadOnlySpan<float> query, int k, Func<int, bool>? admit = null)
    {
        float[] q = query.ToArray();
        return [.. Enumerable.Range(0, rows.Length / dimension)
            .Where(i => admit == null || admit(i))
            .Select(i => (i, d: Distance(metric, q, rows.AsSpan(i * dimension, dimension))))
            .OrderBy(x => x.d).Take(k).Select(x => x.i)];
    }

    /// <summary>Mean recall@k of an index over queries.</summary>
    public static double Recall(VectorIndex index, float[] rows, float[] queries, int k, VectorQueryOptions options, Func<int, bool>? admit = null)
    {
        int dimension = index.Dimension, n = queries.Length / dimension;
        double found = 0, wanted = 0;
        var hits = new VectorHit[k];
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<float> query = queries.AsSpan(i * dimension, dimension);
            int[] truth = Nearest(index.Metric, rows, dimension, query, k, admit);
            int count = index.Search(query, hits, options);
            found += truth.Intersect(hits.Take(count).Select(h => h.Ordinal)).Count();
            wanted += truth.Length;
        }
        return found / wanted;
    }
}
