namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Adds links to rows that are in use, and sees to it that none loses a child (see <see cref="HnswGraph"/>). Thread-safe.
/// </summary>
internal sealed unsafe class NodeLinker(HnswGraph graph, NeighborSelector selector)
{
    private readonly HnswGraph _graph = graph;
    private readonly NeighborSelector _selector = selector;

    public static bool Holds(int* ids, int count, int id) => new ReadOnlySpan<int>(ids, count).Contains(id);

    /// <summary>
    /// Adds `node` to the links of `neighbor`; when its row is full, selects anew among old links and the new one. With `adopt` the
    /// neighbour
    /// becomes the parent if it has fewer than `maxChildren`: the link is then made in any case. Returns whether it did.
    /// </summary>
    public bool LinkBack(SearchScratch scratch, int neighbor, int node, int level, bool adopt, int maxChildren)
    {
        if (level > _graph.Level(neighbor))
            return false;
        _graph.Locks.Enter(neighbor);
        try
        {
            var row = _graph.Links(neighbor, level);
            var count = _graph.CountLinks(row, level);
            adopt =
                adopt
                && level == 0
                && _graph.State(neighbor) is not (NodeState.Absent or NodeState.Dying)
                && CountChildren(neighbor, row, count) < maxChildren;
            if (adopt)
            {
                // Parents are no part of what is stored, but of what an image must know to have changed.
                _graph.SetParent(node, neighbor);
                _graph.Unsaved.Mark(node);
            }
            if (Holds(row, count, node))
                return adopt;
            if (count < _graph.MaxLinks(level))
            {
                Volatile.Write(ref row[count], node);
                _graph.Unsaved.Mark(neighbor);
                return adopt;
            }
            for (var i = 0; i < count; i++)
                LayerWalker.Gather(scratch, i, row[i]);
            LayerWalker.Gather(scratch, count, node);
            var kept = _selector.SelectFromBatch(scratch, neighbor, count + 1, level);
            _graph.Write(neighbor, level, scratch.Selected, kept);
            return adopt;
        }
        finally
        {
            _graph.Locks.Leave(neighbor);
        }
    }

    /// <summary>
    /// Adds the children of a node to new links that lack them, in place of the farthest where there is no room. The caller holds the lock.
    /// </summary>
    public int KeepChildren(int node, int* selected, int count)
    {
        var row = _graph.Links(node, 0);
        int old = _graph.CountLinks(row, 0),
            children = 0;
        if (old == 0)
            return count;
        var missing = stackalloc int[_graph.BaseLinks];
        for (var i = 0; i < old; i++)
        {
            if (_graph.Parent(row[i]) == node && !Holds(selected, count, row[i]))
                missing[children++] = row[i];
        }
        for (var i = count - 1; i >= 0 && count + children > _graph.BaseLinks; i--)
        {
            if (_graph.Parent(selected[i]) == node)
                continue;
            new Span<int>(selected + i + 1, count - i - 1).CopyTo(new Span<int>(selected + i, count - i - 1));
            count--;
        }
        for (var i = 0; i < children; i++)
            selected[count++] = missing[i];
        return count;
    }

    private int CountChildren(int node, int* row, int count)
    {
        var children = 0;
        for (var i = 0; i < count; i++)
            children += _graph.Parent(row[i]) == node && row[i] != node ? 1 : 0;
        return children;
    }
}
