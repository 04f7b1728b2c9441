using System.Buffers;

namespace SearchEngine.Embeddings;

/// <summary>
/// A growing buffer on the shared array pool: what a call needs to tokenise without allocating. Pass by reference only; dispose once.
/// </summary>
internal struct PooledBuffer<T> : IDisposable
    where T : unmanaged
{
    private T[] _items;

    public PooledBuffer(int capacity) => _items = ArrayPool<T>.Shared.Rent(Math.Max(capacity, 16));

    public int Count { get; private set; }

    public readonly Span<T> Span => _items.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(T item)
    {
        if (Count == _items.Length)
            Grow(1);
        _items[Count++] = item;
    }

    public void Add(ReadOnlySpan<T> items)
    {
        if (items.Length > _items.Length - Count)
            Grow(items.Length);
        items.CopyTo(_items.AsSpan(Count));
        Count += items.Length;
    }

    /// <summary>Room for <paramref name="length"/> more items; call <see cref="Advance"/> with the number used.</summary>
    public Span<T> Reserve(int length)
    {
        if (length > _items.Length - Count)
            Grow(length);
        return _items.AsSpan(Count, length);
    }

    public void Advance(int length) => Count += length;

    /// <summary>Drops the items from <paramref name="count"/> on.</summary>
    public void Truncate(int count) => Count = Math.Min(Count, count);

    public void Dispose()
    {
        if (_items.Length > 0)
            ArrayPool<T>.Shared.Return(_items);
        _items = [];
        Count = 0;
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<T>.Shared.Rent((int)Math.Min(Math.Max((long)Count + more, Count * 2L), Array.MaxLength));
        Span.CopyTo(larger);
        ArrayPool<T>.Shared.Return(_items);
        _items = larger;
    }
}
