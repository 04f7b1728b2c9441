using SearchEngine.Lexical;
using SearchEngine.Moments;

namespace SearchEngine.Reading;

/// <summary>Finds the records of a moment that hold the words of a query. Thread-safe.</summary>
internal sealed class KeywordRanker(LexicalView? lexical)
{
    /// <summary>The keyword ranking of a search.</summary>
    /// <param name="query">The words.</param>
    /// <param name="lease">The moment.</param>
    /// <param name="matching">The records that pass the filter; null for all.</param>
    /// <param name="lookup">Takes on what the words are, for scores of other records; null where none are asked for.</param>
    public IReadOnlyList<LexicalHit> Rank(LexicalQuery query, ReadLease lease, ulong[]? matching, LexicalLookup? lookup = null)
    {
        using var step = lease.Step();
        var live = step.Moment.Live;
        var index = lexical!.Fresh();
        if (matching is not null)
            return index.Search(query with { Filter = Ordinals.BitsOf(matching) }, lookup);
        var hits = index.Search(query, lookup);
        foreach (var hit in hits)
        {
            if (!live.Contains(hit.Ordinal))
                return index.Search(query with { Filter = Ordinals.BitsOf(live.SharedWords()) }, lookup);
        }

        return hits;
    }
}
