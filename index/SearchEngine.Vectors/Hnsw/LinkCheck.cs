using System.Runtime.CompilerServices;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>What is checked of the links of a graph that was stored while it changed.</summary>
internal static unsafe class LinkCheck
{
    /// <summary>
    /// Drops the links of a node that lead nowhere: to itself, to no node, to one that lacks the layer, or a second time. Returns whether
    /// there were any.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool DropUnsoundLinks(HnswGraph graph, int node, int slots)
    {
        var changed = false;
        for (var level = graph.Level(node); level >= 0; level--)
        {
            var row = graph.Links(node, level);
            int count = graph.CountLinks(row, level),
                kept = 0;
            for (var i = 0; i < count; i++)
            {
                var id = row[i];
                if (
                    id != node
                    && id < slots
                    && graph.State(id) != NodeState.Absent
                    && graph.Level(id) >= level
                    && !NodeLinker.Holds(row, kept, id)
                )
                {
                    row[kept++] = id;
                }
            }
            for (var i = kept; i < count; i++)
                row[i] = -1;
            changed |= kept != count;
        }
        return changed;
    }
}
