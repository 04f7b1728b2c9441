namespace SearchEngine.Vectors.Hnsw;

/// <summary>Counts the states in rows of the graph's table of states, as they were copied into an image.</summary>
internal sealed unsafe class StateCounts
{
    private const int RowBytes = 8;

    public int Live { get; private set; }

    /// <summary>Nodes that are removed and not yet repaired.</summary>
    public int Removed { get; private set; }

    public void Add(ReadOnlySpan<byte> rows)
    {
        fixed (byte* first = rows)
        {
            for (var at = 0; at < rows.Length; at += RowBytes)
            {
                var state = HnswGraph.StateOf(first + at);
                if (state == NodeState.Live)
                    Live++;
                else if (state is NodeState.Removed or NodeState.Dying)
                    Removed++;
            }
        }
    }
}
