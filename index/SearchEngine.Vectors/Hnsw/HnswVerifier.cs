namespace SearchEngine.Vectors.Hnsw;

/// <summary>Checks the structure of a graph at rest.</summary>
internal sealed unsafe class HnswVerifier(HnswGraph graph, OrdinalMap map, ReachabilityKeeper keeper)
{
    private readonly HnswGraph _graph = graph;
    private readonly OrdinalMap _map = map;
    private readonly ReachabilityKeeper _keeper = keeper;

    /// <summary>See <see cref="VectorIndex.Verify"/>.</summary>
    public IReadOnlyList<string> Verify(int maxProblems)
    {
        var problems = new List<string>();
        int slots = _graph.Slots,
            live = 0,
            removed = 0;
        var entry = _graph.Entry;
        for (var node = 0; node < slots && problems.Count < maxProblems; node++)
        {
            var state = _graph.State(node);
            if (state == NodeState.Absent)
                continue;
            live += state == NodeState.Live ? 1 : 0;
            removed += state == NodeState.Removed ? 1 : 0;
            var level = _graph.Level(node);
            // A removed node may stand above: a repair that gave up, or that it came too late for, has chosen among the live ones.
            if (state == NodeState.Live && entry >= 0 && level > (int)(entry >> 32))
                problems.Add($"Node {_map.OrdinalOf(node)} is on layer {level}, above the entry's layer {(int)(entry >> 32)}.");
            for (var l = 0; l <= level; l++)
                VerifyRow(problems, node, l, slots);
        }
        if (problems.Count < maxProblems)
        {
            if (live != _graph.Live)
                problems.Add($"{live} nodes are live but the index counts {_graph.Live}.");
            if (removed != _graph.Removed)
                problems.Add($"{removed} nodes are removed but the index counts {_graph.Removed}.");
            if (entry < 0 ? live > 0 : _graph.State((int)entry) is NodeState.Absent || _graph.Level((int)entry) != (int)(entry >> 32))
                problems.Add("The entry point is missing or on another layer than noted.");
        }
        var reached = _keeper.Reached();
        for (var node = 0; node < Math.Min(slots, reached.Capacity) && problems.Count < maxProblems; node++)
        {
            if (_graph.State(node) == NodeState.Live && !reached.Contains(node))
                problems.Add($"Node {_map.OrdinalOf(node)} cannot be reached from the entry point.");
        }
        return problems;
    }

    private void VerifyRow(List<string> problems, int node, int level, int slots)
    {
        var row = _graph.Links(node, level);
        int max = _graph.MaxLinks(level),
            count = _graph.CountLinks(row, level);
        for (var i = count; i < max; i++)
        {
            if (row[i] >= 0)
                problems.Add($"Node {_map.OrdinalOf(node)}, layer {level}: a link after the end of the row.");
        }
        for (var i = 0; i < count; i++)
        {
            var id = row[i];
            if (id == node)
            {
                problems.Add($"Node {_map.OrdinalOf(node)}, layer {level}: links to itself.");
            }
            else if (id >= slots || _graph.State(id) == NodeState.Absent)
            {
                problems.Add($"Node {_map.OrdinalOf(node)}, layer {level}: links to {_map.OrdinalOf(id)}, which is not in the index.");
            }
            else if (_graph.Level(id) < level)
            {
                problems.Add(
                    $"Node {_map.OrdinalOf(node)}, layer {level}: links to {_map.OrdinalOf(id)}, which is only on layer {_graph.Level(id)}."
                );
            }
            else if (new ReadOnlySpan<int>(row, i).Contains(id))
            {
                problems.Add($"Node {_map.OrdinalOf(node)}, layer {level}: links to {_map.OrdinalOf(id)} twice.");
            }
        }
    }
}
