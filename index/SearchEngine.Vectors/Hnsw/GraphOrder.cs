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
        int slots = graph.Slots;
        int[] order = new int[slots];
        bool[] placed = new bool[slots];
        int n = 0;
        var stack = new Stack<(int Node, int Next)>();
        void Walk(int from)
        {
            placed[from] = true;
            order[n++] = from;
            stack.Push((from, 0));
            while (stack.TryPop(out (int Node, int Next) at))
            {
                int* row = graph.Links(at.Node, 0);
                int i = at.Next;
                while (i < graph.BaseLinks && row[i] >= 0 && placed[row[i]])
                    i++;
                if (i >= graph.BaseLinks || row[i] < 0)
                    continue;
                stack.Push((at.Node, i + 1));
                int id = row[i];
                placed[id] = true;
                order[n++] = id;
                stack.Push((id, 0));
            }
        }
        Walk(graph.EntryNode);
        for (int node = 0; node < slots; node++)
        {
            if (placed[node])
                continue;
            if (graph.State(node) != NodeState.Absent)
                Walk(node);
        }
        for (int node = 0; node < slots; node++)
        {
            if (!placed[node])
                order[n++] = node;
        }
        return order;
    }
}
