using SearchEngine.Vectors.Hnsw;
using SearchEngine.Vectors.Memory;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

/// <summary>Which pivots a search starts from.</summary>
public unsafe class PivotSetTests
{
    private const int Dimension = 64;

    /// <summary>A pivot near to the query is found wherever it stands, beside any number that are not near, as by comparing all.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public void The_pivot_of_the_querys_own_group_is_found_first_however_many_there_are(int count)
    {
        var random = new Random(count);
        var centres = new float[count][];
        var builder = new PivotSet.Builder(new float[Dimension]);
        for (var i = 0; i < count; i++)
        {
            centres[i] = [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
            fixed (float* centre = centres[i])
                builder.Add(i, centre);
        }
        var pivots = builder.Build(count, count)!;
        using var work = new AlignedBuffer(pivots.WorkBytes);
        for (var i = 0; i < count; i++)
        {
            float[] query = [.. centres[i].Select(x => x + (float)(random.NextDouble() - 0.5) / 10)];
            int[] few = Nearest(pivots, query, 2, work),
                many = Nearest(pivots, query, 8, work);
            Assert.Equal(i, few[0]);
            Assert.Equal(i, many[0]);
            Assert.Equal(Math.Min(count, 8), many.Length);
        }
    }

    // More than four are sought among all, fewer among those whose first halves are near.
    private static int[] Nearest(PivotSet pivots, float[] query, int wanted, AlignedBuffer work)
    {
        var entries = stackalloc ulong[wanted + 8];
        var beam = new Beam(entries, wanted);
        fixed (float* vector = query)
            pivots.Nearest(vector, ref beam, work.Pointer);
        var found = new int[beam.Count];
        for (var i = 0; i < found.Length; i++)
            found[i] = beam.Id(i);
        return found;
    }
}
