using System.Numerics.Tensors;
using SearchEngine.Vectors;

namespace SearchEngine.Workloads.Ann;

/// <summary>Generated data and exact answers.</summary>
internal static class AnnData
{
    /// <summary>
    /// Unit vectors around random centres: a centre's direction plus Gaussian noise whose deviation falls off over the components
    /// (as spectra of embeddings do), rotated by nothing, normalised. Base and queries share the centres.
    /// </summary>
    public static (VectorSet Base, VectorSet Queries) Clustered(
        int count,
        int queries,
        int dimension,
        int clusters,
        double spread,
        int seed
    )
    {
        var random = new Random(seed);
        var centres = new float[(long)clusters * dimension];
        for (var i = 0; i < centres.Length; i++)
            centres[i] = (float)(Gaussian(random) / Math.Sqrt(dimension));
        var noise = new float[dimension];
        double sum = 0;
        for (var d = 0; d < dimension; d++)
        {
            noise[d] = (float)Math.Pow(1 + d, -0.25);
            sum += noise[d] * noise[d];
        }
        for (var d = 0; d < dimension; d++)
            noise[d] *= (float)(spread / Math.Sqrt(sum));
        return (Draw(count), Draw(queries));

        VectorSet Draw(int n)
        {
            var values = new float[(long)n * dimension];
            for (var i = 0; i < n; i++)
            {
                var row = values.AsSpan(i * dimension, dimension);
                var centre = random.Next(clusters);
                for (var d = 0; d < dimension; d++)
                    row[d] = centres[centre * dimension + d] + noise[d] * (float)Gaussian(random);
                TensorPrimitives.Multiply(row, 1 / TensorPrimitives.Norm(row), row);
            }
            return new VectorSet(values, dimension);
        }
    }

    /// <summary>
    /// The k nearest base rows of each query that are admitted, exactly, in blocks of base rows that stay in cache for all queries.
    /// </summary>
    public static int[][] Truth(VectorSet rows, VectorSet queries, DistanceMetric metric, int k, Func<int, bool>? admit = null)
    {
        const int BlockFloats = 64 * 1024;
        var block = Math.Max(1, BlockFloats / rows.Dimension);
        var norms = new float[rows.Count];
        for (var i = 0; i < rows.Count; i++)
            norms[i] = TensorPrimitives.SumOfSquares(rows.Row(i));
        var truth = new int[queries.Count][];
        var threads = Environment.ProcessorCount;
        Parallel.For(
            0,
            threads,
            t =>
            {
                int from = (int)((long)queries.Count * t / threads),
                    to = (int)((long)queries.Count * (t + 1) / threads);
                var best = new PriorityQueue<int, float>[to - from];
                for (var q = 0; q < best.Length; q++)
                    best[q] = new PriorityQueue<int, float>();
                for (var start = 0; start < rows.Count; start += block)
                {
                    var end = Math.Min(rows.Count, start + block);
                    for (var q = from; q < to; q++)
                    {
                        var queue = best[q - from];
                        var query = queries.Row(q);
                        var worst = queue.Count == k && queue.TryPeek(out _, out var p) ? p : float.NegativeInfinity;
                        for (var i = start; i < end; i++)
                        {
                            if (admit != null && !admit(i))
                                continue;
                            var dot = TensorPrimitives.Dot(query, rows.Row(i));
                            // Larger is nearer.
                            var score = metric switch
                            {
                                DistanceMetric.Cosine => dot / MathF.Sqrt(norms[i]),
                                DistanceMetric.DotProduct => dot,
                                _ => 2 * dot - norms[i],
                            };
                            if (queue.Count < k)
                                queue.Enqueue(i, score);
                            else if (score > worst)
                                queue.EnqueueDequeue(i, score);
                            else
                                continue;
                            worst = queue.Count == k && queue.TryPeek(out _, out p) ? p : float.NegativeInfinity;
                        }
                    }
                }
                for (var q = from; q < to; q++)
                {
                    var queue = best[q - from];
                    var ids = new int[queue.Count];
                    for (var i = ids.Length - 1; i >= 0; i--)
                        ids[i] = queue.Dequeue();
                    truth[q] = ids;
                }
            }
        );
        return truth;
    }

    public static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
