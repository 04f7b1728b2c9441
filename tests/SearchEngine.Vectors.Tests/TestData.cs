namespace SearchEngine.Vectors.Tests;

/// <summary>Seeded data sets and exact answers.</summary>
internal static class TestData
{
    /// <summary>Row-major vectors around random centres: row i belongs to centre i mod <paramref name="centres"/>.</summary>
    public static float[] Clustered(int count, int dimension, int centres, int seed, float spread = 0.35f)
    {
        var random = new Random(seed);
        var middle = Gaussian(random, centres * dimension);
        var rows = Gaussian(random, count * dimension);
        for (var i = 0; i < count; i++)
        {
            for (var d = 0; d < dimension; d++)
                rows[i * dimension + d] = middle[i % centres * dimension + d] + spread * rows[i * dimension + d];
        }
        return rows;
    }

    public static float[] Gaussian(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    public static int[] Ordinals(int count) => [.. Enumerable.Range(0, count)];

    /// <summary>The metric's distance in double precision, written from its definition.</summary>
    public static unsafe double Distance(DistanceMetric metric, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0,
            na = 0,
            nb = 0;
        var n = a.Length;
        fixed (
            float* x = a,
                y = b
        )
        {
            switch (metric)
            {
                case DistanceMetric.Cosine:
                    for (var i = 0; i < n; i++)
                    {
                        sum += (double)x[i] * y[i];
                        na += (double)x[i] * x[i];
                        nb += (double)y[i] * y[i];
                    }
                    return 1 - sum / Math.Sqrt(na * nb);
                case DistanceMetric.DotProduct:
                    for (var i = 0; i < n; i++)
                        sum += (double)x[i] * y[i];
                    return -sum;
                case DistanceMetric.Euclidean:
                    for (var i = 0; i < n; i++)
                        sum += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
                    return Math.Sqrt(sum);
                case DistanceMetric.Manhattan:
                    for (var i = 0; i < n; i++)
                        sum += Math.Abs((double)x[i] - y[i]);
                    return sum;
                default:
                    for (var i = 0; i < n; i++)
                        sum += x[i] != y[i] ? 1 : 0;
                    return sum;
            }
        }
    }

    /// <summary>The k nearest of the rows that <paramref name="admit"/> takes.</summary>
    public static int[] Nearest(
        DistanceMetric metric,
        float[] rows,
        int dimension,
        ReadOnlySpan<float> query,
        int k,
        Func<int, bool>? admit = null
    )
    {
        var q = query.ToArray();
        return
        [
            .. Enumerable
                .Range(0, rows.Length / dimension)
                .Where(i => admit == null || admit(i))
                .Select(i => (i, d: Distance(metric, q, rows.AsSpan(i * dimension, dimension))))
                .OrderBy(x => x.d)
                .Take(k)
                .Select(x => x.i),
        ];
    }

    /// <summary>Mean recall@k of an index over queries.</summary>
    public static double Recall(
        VectorIndex index,
        float[] rows,
        float[] queries,
        int k,
        VectorQueryOptions options,
        Func<int, bool>? admit = null
    )
    {
        int dimension = index.Dimension,
            n = queries.Length / dimension;
        double found = 0,
            wanted = 0;
        var hits = new VectorHit[k];
        for (var i = 0; i < n; i++)
        {
            ReadOnlySpan<float> query = queries.AsSpan(i * dimension, dimension);
            var truth = Nearest(index.Metric, rows, dimension, query, k, admit);
            var count = index.Search(query, hits, options);
            found += truth.Intersect(hits.Take(count).Select(h => h.Ordinal)).Count();
            wanted += truth.Length;
        }
        return found / wanted;
    }
}
