namespace SearchEngine.Vectors.Hnsw;

// Ordinals belong to the caller, rows of the tables are nodes. They are the same until nodes are laid out anew; from then on two arrays
// translate those that existed then, and later ones are the same again.
public sealed partial class HnswIndex
{
    private int[]? _nodeOf;
    private int[]? _ordinalOf;

    private int NodeOf(int ordinal) => _nodeOf is int[] nodes && (uint)ordinal < (uint)nodes.Length ? nodes[ordinal] : ordinal;

    private int OrdinalOf(int node) => _ordinalOf is int[] ordinals && (uint)node < (uint)ordinals.Length ? ordinals[node] : node;

    /// <inheritdoc/>
    public override void Compact(CancellationToken cancellationToken = default)
    {
        Repair(cancellationToken);
        _scratch.RunAlone(() =>
        {
            if (_graph.Entry >= 0)
                Renumber(GraphOrder.Of(_graph));
        });
    }

    // The rows of nodes[i] become those of node i.
    private void Renumber(int[] nodes)
    {
        int[] ordinalOf = new int[nodes.Length], nodeOf = new int[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
            ordinalOf[i] = OrdinalOf(nodes[i]);
        for (int i = 0; i < nodes.Length; i++)
            nodeOf[ordinalOf[i]] = i;
        _graph.Permute(nodes);
        _space.Permute(nodes);
        if (_full != null)
        {
            _full.Ensure(nodes.Length - 1);
            _full.Permute(nodes);
        }
        _nodeOf = nodeOf;
        _ordinalOf = ordinalOf;
        _pivots = _pivots?.Renumbered(nodes);
    }
}
