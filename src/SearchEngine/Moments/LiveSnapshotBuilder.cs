namespace SearchEngine.Moments;

/// <summary>Makes the next <see cref="LiveSnapshot"/> out of one, copying only the pages that change. Not thread-safe.</summary>
internal sealed class LiveSnapshotBuilder
{
    private readonly HashSet<int> _own = [];
    private ulong[][] _pages;
    private long _count;

    public LiveSnapshotBuilder(LiveSnapshot from)
    {
        _pages = from.Pages.ToArray();
        _count = from.Count;
    }

    /// <summary>Makes an ordinal visible; false if it was.</summary>
    public bool Add(int ordinal)
    {
        ref var word = ref Own(ordinal);
        var bit = 1UL << (ordinal % 64);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        _count++;
        return true;
    }

    /// <summary>Makes an ordinal invisible; false if it was.</summary>
    public bool Remove(int ordinal)
    {
        if (ordinal / LiveSnapshot.PageBits >= _pages.Length)
            return false;
        ref var word = ref Own(ordinal);
        var bit = 1UL << (ordinal % 64);
        if ((word & bit) == 0)
            return false;
        word &= ~bit;
        _count--;
        return true;
    }

    /// <summary>The snapshot; the builder must not be used afterwards.</summary>
    public LiveSnapshot Build() => new(_pages, _count);

    private ref ulong Own(int ordinal)
    {
        var page = ordinal / LiveSnapshot.PageBits;
        if (page >= _pages.Length)
        {
            var before = _pages.Length;
            Array.Resize(ref _pages, page + 1);
            for (var added = before; added <= page; added++)
            {
                _pages[added] = new ulong[LiveSnapshot.PageWords];
                _own.Add(added);
            }
        }
        else if (_own.Add(page))
        {
            _pages[page] = (ulong[])_pages[page].Clone();
        }

        return ref _pages[page][ordinal % LiveSnapshot.PageBits / 64];
    }
}
