using System.Numerics.Tensors;

namespace SearchEngine.Api.Mapping;

/// <summary>
/// Lays vectors out on a plane so that near ones stay near: their two principal components, then pulled towards their nearest neighbours
/// and pushed from random others (the force of UMAP's embedding with a = b = 1). Deterministic. O(n² d + rounds n k).
/// </summary>
internal static class NeighborLayout
{
    private const int Neighbors = 12;
    private const int Rounds = 150;
    private const int Repulsions = 4;
    private const int PowerSteps = 20;
    private const float MaxStep = 4f;

    /// <param name="vectors">Of one length each.</param>
    /// <param name="seed">Of the random choices.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>A point for each vector, within −1 to 1.</returns>
    public static (float X, float Y)[] Make(IReadOnlyList<float[]> vectors, int seed, CancellationToken cancellationToken)
    {
        if (vectors.Count == 0)
            return [];
        var points = Components(vectors, seed);
        if (vectors.Count > 2)
            Pull(points, NearestOf(vectors, cancellationToken), new Random(seed), cancellationToken);
        Fit(points);
        return points;
    }

    /// <summary>The first two principal components, by power iteration; spread to about ten units.</summary>
    private static (float X, float Y)[] Components(IReadOnlyList<float[]> vectors, int seed)
    {
        var dimension = vectors[0].Length;
        var mean = new float[dimension];
        foreach (var vector in vectors)
            TensorPrimitives.Add(mean, vector, mean);
        TensorPrimitives.Divide(mean, vectors.Count, mean);
        var centred = vectors
            .Select(vector =>
            {
                var row = new float[dimension];
                TensorPrimitives.Subtract(vector, mean, row);
                return row;
            })
            .ToArray();
        var first = Component(centred, null, seed);
        var second = Component(centred, first, seed + 1);
        var points = new (float X, float Y)[centred.Length];
        for (var i = 0; i < points.Length; i++)
            points[i] = (TensorPrimitives.Dot<float>(centred[i], first), TensorPrimitives.Dot<float>(centred[i], second));
        Fit(points);
        for (var i = 0; i < points.Length; i++)
            points[i] = (points[i].X * 10, points[i].Y * 10);
        return points;
    }

    private static float[] Component(float[][] rows, float[]? besides, int seed)
    {
        var random = new Random(seed);
        var axis = Array.ConvertAll(new float[rows[0].Length], _ => (float)random.NextDouble() - 0.5f);
        for (var step = 0; step < PowerSteps; step++)
        {
            var next = new float[axis.Length];
            foreach (var row in rows)
                TensorPrimitives.MultiplyAdd(row, TensorPrimitives.Dot<float>(row, axis), next, next);
            if (besides is not null)
                TensorPrimitives.MultiplyAdd(besides, -TensorPrimitives.Dot<float>(next, besides), next, next);
            var norm = TensorPrimitives.Norm<float>(next);
            if (norm < 1e-12f)
                return new float[axis.Length];
            TensorPrimitives.Divide(next, norm, axis);
        }

        return axis;
    }

    private static int[][] NearestOf(IReadOnlyList<float[]> vectors, CancellationToken cancellationToken)
    {
        var nearest = new int[vectors.Count][];
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.For(
            0,
            vectors.Count,
            options,
            i =>
            {
                var queue = new PriorityQueue<int, float>(Neighbors + 1);
                for (var j = 0; j < vectors.Count; j++)
                {
                    if (j == i)
                        continue;
                    queue.Enqueue(j, -TensorPrimitives.Distance<float>(vectors[i], vectors[j]));
                    if (queue.Count > Neighbors)
                        queue.Dequeue();
                }

                nearest[i] = [.. queue.UnorderedItems.Select(item => item.Element).Order()];
            }
        );
        return nearest;
    }

    private static void Pull((float X, float Y)[] points, int[][] nearest, Random random, CancellationToken cancellationToken)
    {
        for (var round = 0; round < Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rate = 1f - (float)round / Rounds;
            for (var i = 0; i < points.Length; i++)
            {
                foreach (var j in nearest[i])
                {
                    var (dx, dy) = (points[j].X - points[i].X, points[j].Y - points[i].Y);
                    var force = rate * 2f / (1f + dx * dx + dy * dy) / Neighbors;
                    Move(points, i, dx * force, dy * force);
                    Move(points, j, -dx * force, -dy * force);
                }

                for (var n = 0; n < Repulsions; n++)
                {
                    var j = random.Next(points.Length);
                    var (dx, dy) = (points[i].X - points[j].X, points[i].Y - points[j].Y);
                    var squared = dx * dx + dy * dy;
                    var force = rate * 2f / ((0.01f + squared) * (1f + squared)) / Repulsions;
                    Move(points, i, dx * force, dy * force);
                }
            }
        }
    }

    private static void Move((float X, float Y)[] points, int i, float dx, float dy) =>
        points[i] = (points[i].X + Math.Clamp(dx, -MaxStep, MaxStep), points[i].Y + Math.Clamp(dy, -MaxStep, MaxStep));

    private static void Fit((float X, float Y)[] points)
    {
        var (left, right) = (points.Min(p => p.X), points.Max(p => p.X));
        var (low, high) = (points.Min(p => p.Y), points.Max(p => p.Y));
        var half = Math.Max(Math.Max(right - left, high - low) / 2, 1e-6f);
        for (var i = 0; i < points.Length; i++)
            points[i] = ((points[i].X - (left + right) / 2) / half, (points[i].Y - (low + high) / 2) / half);
    }
}
