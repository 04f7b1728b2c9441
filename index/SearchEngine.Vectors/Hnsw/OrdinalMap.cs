namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Ordinals belong to the caller, rows of the tables are nodes. They are the same until nodes are laid out anew; from then on two arrays
/// translate
/// those that existed then, and later ones are the same again. Thread-safe but for <see cref="Renumber"/>.
/// </summary>
internal sealed class OrdinalMap
{
    private int[]? _nodeOf;
    private int[]? _ordinalOf;

    /// <summary>Whether nodes are ordinals.</summary>
    public bool IsIdentity => _nodeOf == null;

    public int NodeOf(int ordinal) => _nodeOf is int[] nodes && (uint)ordinal < (uint)nodes.Length ? nodes[ordinal] : ordinal;

    public int OrdinalOf(int node) => _ordinalOf is int[] ordinals && (uint)node < (uint)ordinals.Length ? ordinals[node] : node;

    /// <summary>Writes the ordinals of hits in place of their nodes.</summary>
    public void Translate(Span<VectorHit> hits)
    {
        if (_ordinalOf == null)
            return;
        for (int i = 0; i < hits.Length; i++)
            hits[i] = hits[i] with { Ordinal = OrdinalOf(hits[i].Ordinal) };
    }

    /// <summary>After node <paramref name="nodes"/>[i] has become node i. Nothing else may run.</summary>
    public void Renumber(int[] nodes)
    {
        int[] ordinalOf = new int[nodes.Length], nodeOf = new int[nodes.Length];
        for (int i = 0; i < nodes.Length; i++)
            ordinalOf[i] = OrdinalOf(nodes[i]);
        for (int i = 0; i < nodes.Length; i++)
            nodeOf[ordinalOf[i]] = i;
        (_nodeOf, _ordinalOf) = (nodeOf, ordinalOf);
    }
}
