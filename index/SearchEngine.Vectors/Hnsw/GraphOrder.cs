namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// An order of the nodes that puts those next to each other that searches meet one after the other: a walk over the base layer that goes
/// from
/// each node to its nearest neighbour not yet placed, and back when there is none (depth first, nearest first).
/// </summary>
internal static unsafe class GraphOrder
{
    /// <summary>All slots of the graph, each once. The graph is at rest.</summary>
    public static int[] Of(HnswGraph graph)
    {
        var slots = graph.Slots;
        var order = new int[slots];
        var placed = new bool[slots];
        var n = 0;
        var stack = new Stack<(int Node, int Next)>();
        void Walk(int from)
        {
            placed[from] = true;
            order[n++] = from;
            stack.Push((from, 0));
            while (stack.TryPop(out var at))
            {
                var row = graph.Links(at.Node, 0);
                var i = at.Next;
                while (i < graph.BaseLinks && row[i] >= 0 && placed[row[i]])
                    i++;
                if (i >= graph.BaseLinks || row[i] < 0)
                    continue;
                stack.Push((at.Node, i + 1));
                var id = row[i];
                placed[id] = true;
                order[n++] = id;
                stack.Push((id, 0));
            }
        }
        Walk(graph.EntryNode);
        for (var node = 0; node < slots; node++)
        {
            if (placed[node])
                continue;
            if (graph.State(node) != NodeState.Absent)
                Walk(node);
        }
        for (var node = 0; node < slots; node++)
        {
            if (!placed[node])
                order[n++] = node;
        }
        return order;
    }
}
