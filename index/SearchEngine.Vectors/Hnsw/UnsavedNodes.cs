using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>Which nodes differ from what was saved, a bit each, in words of 64. Thread-safe but for <see cref="Permute"/>.</summary>
internal sealed unsafe class UnsavedNodes : IDisposable
{
    private readonly NativeTable _words = new(sizeof(ulong));
    private long _changes;

    /// <summary>Counts changes of the graph, so that a save can tell whether it saw it at rest.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>Makes room for a node and those before it.</summary>
    public void Ensure(int node) => _words.Ensure(node >> 6);

    /// <summary>
    /// Notes that a node differs from what was saved. Call after the change. Where the node is noted already nothing is counted: whoever
    /// takes the note reads the node afterwards, this change with it.
    /// </summary>
    public void Mark(int node)
    {
        ref var word = ref Word(node >> 6);
        var bit = 1UL << node;
        Thread.MemoryBarrier();
        if ((Volatile.Read(ref word) & bit) == 0 && (Interlocked.Or(ref word, bit) & bit) == 0)
            Interlocked.Increment(ref _changes);
    }

    /// <summary>Takes the notes of 64 nodes.</summary>
    public ulong Take(int word) => Interlocked.Exchange(ref Word(word), 0);

    /// <summary>Gives notes back after a failed save.</summary>
    public void Return(int word, ulong bits) => Interlocked.Or(ref Word(word), bits);

    /// <summary>Renumbers the nodes: the note of <paramref name="nodes"/>[i] becomes that of node i. Nothing else may run.</summary>
    public void Permute(int[] nodes)
    {
        var noted = new ulong[(nodes.Length + 63) >> 6];
        for (var word = 0; word < noted.Length; word++)
            noted[word] = Take(word);
        for (var node = 0; node < nodes.Length; node++)
        {
            if ((noted[nodes[node] >> 6] >> nodes[node] & 1) != 0)
                Mark(node);
        }
    }

    public void Dispose() => _words.Dispose();

    // SAFETY: callers name words of nodes that they have ensured.
    private ref ulong Word(int word) => ref *(ulong*)_words.Row(word);
}
