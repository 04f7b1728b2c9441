using SearchEngine.Lexical;

namespace SearchEngine.Reading;

/// <summary>
/// The keyword index as readers use it: what was added before a moment was published is in every search that begins after it. Lucene's
/// reader is opened anew only where something was written since the last time. Thread-safe.
/// </summary>
/// <remarks>
/// A search of a moment meets every document that is visible in it: it was added before the moment was published, and is deleted only
/// when no reader of the moment is left. It may meet others; the moment says which.
/// </remarks>
internal sealed class LexicalView(LexicalIndex index)
{
    private readonly Lock _refreshing = new();

    // Starts ahead of what was refreshed: opening may have replayed.
    private long _written = 1;
    private long _refreshed;

    /// <summary>The index, with everything written so far in its reader.</summary>
    public LexicalIndex Fresh()
    {
        var written = Volatile.Read(ref _written);
        if (Volatile.Read(ref _refreshed) >= written)
            return index;
        lock (_refreshing)
        {
            written = Volatile.Read(ref _written);
            if (_refreshed >= written)
                return index;
            index.Refresh();
            Volatile.Write(ref _refreshed, written);
        }

        return index;
    }

    /// <summary>The index as it is, for what needs no newer reader (explanations: the search itself had one).</summary>
    public LexicalIndex Index => index;

    /// <summary>Adds documents; the write loop's alone, before their moment is published.</summary>
    public void Add(IEnumerable<LexicalDocument> documents)
    {
        index.Add(documents);
        Interlocked.Increment(ref _written);
    }

    /// <summary>Deletes documents that no reader can see any more.</summary>
    public void Delete(IEnumerable<int> ordinals)
    {
        index.Delete(ordinals);
        Interlocked.Increment(ref _written);
    }
}
