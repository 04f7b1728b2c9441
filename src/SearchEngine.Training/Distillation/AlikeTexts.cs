using System.Numerics.Tensors;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// Orders texts so that alike ones stand together, in groups of about a size: all texts are cut in two at the median along the difference
/// of two of them, and the halves again, until a part is a group; the groups are shuffled. What is alike is what a teacher finds so, seen
/// through a random projection: 128 bytes a text instead of the teacher's vector. A function of (vectors, seed, pass). Thread-safe.
/// </summary>
internal sealed class AlikeTexts
{
    private const int ProjectionStream = 13;
    private const int PassStream = 14;

    /// <summary>Dimensions kept: neighbours change places, groups hardly do.</summary>
    private const int Width = 32;

    private const int ChunkSize = 4096;

    private readonly float[] _points;
    private readonly int _count;
    private readonly long _seed;

    /// <param name="count">Texts.</param>
    /// <param name="dimension">Elements of a vector.</param>
    /// <param name="read">Vectors of some texts: (rows, dimension) row-major.</param>
    /// <param name="seed">Seed of projection and cuts.</param>
    public AlikeTexts(int count, int dimension, Func<int[], float[]> read, long seed)
    {
        _count = count;
        _seed = seed;
        _points = new float[count * Width];
        var directions = Directions(dimension, seed);
        foreach (var rows in Enumerable.Range(0, count).Chunk(ChunkSize))
        {
            var vectors = read(rows);
            for (var i = 0; i < rows.Length; i++)
            {
                var vector = vectors.AsSpan(i * dimension, dimension);
                for (var d = 0; d < Width; d++)
                    _points[(rows[i] * Width) + d] = TensorPrimitives.Dot(vector, directions.AsSpan(d * dimension, dimension));
            }
        }
    }

    /// <summary>All texts in the order of a pass.</summary>
    /// <param name="pass">Number of the pass.</param>
    /// <param name="size">Texts of a group: as many, or up to twice as many less one.</param>
    public int[] Order(long pass, int size)
    {
        var rows = new int[_count];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = i;
        var random = DeterministicRandom.For(_seed, PassStream, pass);
        random.Shuffle(rows);
        var groups = new List<Range>();
        Cut(rows, 0, rows.Length, size, ref random, groups);
        var order = new int[groups.Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        random.Shuffle(order);
        return [.. order.SelectMany(g => rows[groups[g]])];
    }

    private void Cut(int[] rows, int start, int end, int size, ref DeterministicRandom random, List<Range> groups)
    {
        var part = rows.AsSpan(start, end - start);
        if (part.Length < 2 * size)
        {
            groups.Add(start..end);
            return;
        }

        var direction = new float[Width];
        TensorPrimitives.Subtract(Point(part[random.Next(part.Length)]), Point(part[random.Next(part.Length)]), direction);
        var places = new float[part.Length];
        for (var i = 0; i < places.Length; i++)
            places[i] = TensorPrimitives.Dot<float>(direction, Point(part[i]));
        places.AsSpan().Sort(part);
        // Whole groups on the left, so that sizes stay near the one asked for.
        var middle = start + (part.Length / 2 / size * size);
        Cut(rows, start, middle, size, ref random, groups);
        Cut(rows, middle, end, size, ref random, groups);
    }

    private ReadOnlySpan<float> Point(int row) => _points.AsSpan(row * Width, Width);

    /// <summary>Random signs (Achlioptas 2003): distances keep their proportions.</summary>
    private static float[] Directions(int dimension, long seed)
    {
        var random = DeterministicRandom.For(seed, ProjectionStream, 0);
        var directions = new float[Width * dimension];
        for (var i = 0; i < directions.Length; i++)
            directions[i] = random.Next(2) == 0 ? -1 : 1;
        return directions;
    }
}
