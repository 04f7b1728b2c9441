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
        for (var i = 0; i < hits.Length; i++)
            hits[i] = hits[i] with { Ordinal = OrdinalOf(hits[i].Ordinal) };
    }

    /// <summary>Writes the map. Nothing else may run.</summary>
    public void SaveState(BinaryWriter writer)
    {
        writer.Write(_ordinalOf?.Length ?? 0);
        foreach (var ordinal in _ordinalOf ?? [])
            writer.Write(ordinal);
    }

    /// <summary>Reads what <see cref="SaveState"/> wrote.</summary>
    public void LoadState(BinaryReader reader)
    {
        var n = reader.ReadInt32();
        if (n == 0)
            return;
        int[] ordinalOf = new int[n],
            nodeOf = new int[n];
        for (var node = 0; node < n; node++)
        {
            ordinalOf[node] = reader.ReadInt32();
            if ((uint)ordinalOf[node] >= (uint)n)
                throw new ArgumentException("An ordinal lies outside the map.");
            nodeOf[ordinalOf[node]] = node;
        }
        (_nodeOf, _ordinalOf) = (nodeOf, ordinalOf);
    }

    /// <summary>After node <paramref name="nodes"/>[i] has become node i. Nothing else may run.</summary>
    public void Renumber(int[] nodes)
    {
        int[] ordinalOf = new int[nodes.Length],
            nodeOf = new int[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
            ordinalOf[i] = OrdinalOf(nodes[i]);
        for (var i = 0; i < nodes.Length; i++)
            nodeOf[ordinalOf[i]] = i;
        (_nodeOf, _ordinalOf) = (nodeOf, ordinalOf);
    }
}
