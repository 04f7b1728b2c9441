using SearchEngine.Vectors.Memory;

namespace SearchEngine.Vectors.Hnsw;

/// <summary>
/// Locks on the rows of single nodes, held for moments: striped, so that two nodes may share one. Whoever holds one takes no second.
/// </summary>
internal sealed unsafe class NodeLocks : IDisposable
{
    private const int Stripes = 1 << 14;

    private readonly AlignedBuffer _words = new(Stripes * sizeof(int));

    public void Enter(int node)
    {
        ref var word = ref Word(node);
        if (Interlocked.CompareExchange(ref word, 1, 0) == 0)
            return;
        var spin = new SpinWait();
        do
        {
            spin.SpinOnce(sleep1Threshold: -1);
        } while (Interlocked.CompareExchange(ref word, 1, 0) != 0);
    }

    public void Leave(int node) => Volatile.Write(ref Word(node), 0);

    public void Dispose() => _words.Dispose();

    // SAFETY: the mask keeps the index within the block.
    private ref int Word(int node) => ref ((int*)_words.Pointer)[node & (Stripes - 1)];
}
