using System.Numerics.Tensors;

namespace SearchEngine.DatabaseComparison.Data;

/// <summary>Exact nearest neighbours of unit vectors by cosine.</summary>
internal static class Neighbours
{
    public static int[][] Of(ReadOnlyMemory<float> vectors, float[] queries, int dimension, int wanted)
    {
        var found = new int[queries.Length / dimension][];
        Parallel.For(
            0,
            found.Length,
            query =>
            {
                var asked = queries.AsSpan(query * dimension, dimension);
                var rows = vectors.Span;
                var best = new PriorityQueue<int, float>();
                for (var row = 0; row < rows.Length / dimension; row++)
                {
                    var likeness = TensorPrimitives.Dot(asked, rows.Slice(row * dimension, dimension));
                    if (best.Count < wanted)
                        best.Enqueue(row, likeness);
                    else
                        best.EnqueueDequeue(row, likeness);
                }

                found[query] = [.. best.UnorderedItems.OrderByDescending(item => item.Priority).Select(item => item.Element)];
            }
        );
        return found;
    }
}
