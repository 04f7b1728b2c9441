using SearchEngine.Vectors.Hnsw;
using Xunit;

namespace SearchEngine.Vectors.Tests.Hnsw;

public unsafe class BeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WhatIsWithinTheWidthDoesNotDependOnTheRoomBehind(int seed)
    {
        const int Width = 16,
            Room = 200;
        var random = new Random(seed);
        ulong* narrow = stackalloc ulong[Width + 1],
            wide = stackalloc ulong[Room + 1];
        Beam a = new(narrow, Width),
            b = new(wide, Width, Room);
        var inserted = new List<(float Distance, int Id)>();
        for (var id = 0; id < 150; id++)
        {
            // Few values, so that many are equal.
            float distance = random.Next(12);
            inserted.Add((distance, id));
            a.Insert(distance, id);
            b.Insert(distance, id);
            Assert.Equal(a.Count, b.Count);
            for (var i = 0; i < a.Count; i++)
            {
                Assert.Equal((a.Id(i), a.Distance(i)), (b.Id(i), b.Distance(i)));
            }

            if (random.Next(3) == 0)
            {
                Assert.Equal(a.Expand(), b.Expand());
            }
        }

        b.Widen(Room);
        // Stable: equal distances stay in the order in which they came.
        Assert.Equal(inserted.OrderBy(x => x.Distance).Select(x => x.Id), Enumerable.Range(0, b.Count).Select(i => b.Id(i)));
    }

    [Fact]
    public void ExpandsEachEntryOnceNearestFirstUpToABound()
    {
        var entries = stackalloc ulong[9];
        var beam = new Beam(entries, 8);
        foreach (var id in new[] { 5, 1, 3, 7 })
        {
            beam.Insert(id, id);
        }

        Assert.Equal(1, beam.Expand());
        Assert.Equal(3, beam.PeekNext());
        beam.Insert(0.5f, 2);
        Assert.Equal(2, beam.Expand());
        Assert.Equal(3, beam.Expand(bound: 4));
        Assert.Equal(-1, beam.Expand(bound: 4));
        Assert.Equal(5, beam.Expand());
        Assert.Equal(7, beam.Expand());
        Assert.Equal(-1, beam.Expand());
    }

    [Fact]
    public void DistancesOfEverySignAreOrdered()
    {
        float[] distances = [float.MinValue, -3, -1e-30f, 0, 1e-45f, 2, float.MaxValue, float.PositiveInfinity];
        for (var i = 0; i < distances.Length; i++)
        {
            Assert.Equal(distances[i], Beam.DistanceOf(Beam.Pack(distances[i], 77)));
            Assert.True(i == 0 || Beam.Pack(distances[i - 1], int.MaxValue - 64) < Beam.Pack(distances[i], 0));
        }
    }
}
