using SearchEngine.Vectors.Hnsw;

namespace SearchEngine.Vectors.Tests.Hnsw;

/// <summary>The parts of an index over points of the plane, exact codes, with links laid by hand.</summary>
internal sealed unsafe class PlaneGraph : IDisposable
{
    public PlaneGraph(int m, params (float X, float Y)[] points)
    {
        Parts = new HnswParts(
            new VectorIndexOptions
            {
                Dimension = 2,
                Metric = DistanceMetric.Euclidean,
                Quantization = VectorQuantization.None,
                M = m,
                EfConstruction = 16,
            },
            null
        );
        Scratch = Parts.Gate.Rent();
        for (var node = 0; node < points.Length; node++)
        {
            Parts.Graph.Ensure(node);
            Scratch.Space.Ensure(node);
            Parts.Graph.TryChange(node, NodeState.Absent, NodeState.Pending);
            Parts.Graph.Allocate(node, 0);
            var row = (float*)Scratch.Space.Codes.Row(node);
            (row[0], row[1]) = points[node];
            Parts.Graph.TryChange(node, NodeState.Pending, NodeState.Live);
            Parts.Graph.AddLive(1);
        }

        Parts.Graph.Entry = 0;
        Scratch.Begin(points.Length);
        Scratch.EnsureBeams(256);
    }

    public HnswParts Parts { get; }

    public SearchScratch Scratch { get; }

    public void Link(int node, params int[] to)
    {
        fixed (int* ids = to)
        {
            Parts.Graph.Write(node, 0, ids, to.Length);
        }
    }

    public int[] Links(int node)
    {
        var row = Parts.Graph.Links(node, 0);
        return new ReadOnlySpan<int>(row, Parts.Graph.CountLinks(row, 0)).ToArray();
    }

    public void Ask(float x, float y)
    {
        (Scratch.Vector[0], Scratch.Vector[1]) = (x, y);
        Scratch.Space.Codec.PrepareQuery(Scratch.Vector, Scratch.Work, Scratch.Query);
    }

    public ulong* Sorted(params int[] candidates)
    {
        var sorted = Scratch.Entries(1);
        for (var i = 0; i < candidates.Length; i++)
        {
            sorted[i] = Beam.Pack(LayerWalker.ScoreOne(Scratch, Scratch.Query, candidates[i]), candidates[i]);
        }

        new Span<ulong>(sorted, candidates.Length).Sort();
        return sorted;
    }

    public void Dispose()
    {
        Parts.Gate.Return(Scratch);
        Parts.Dispose();
    }
}
