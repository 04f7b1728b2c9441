namespace SearchEngine.Embeddings;

/// <summary>The passages of a text that a model reads at once.</summary>
/// <param name="Ids">The tokens, those in front and behind included.</param>
/// <param name="First">The number of the first passage that is pooled here.</param>
/// <param name="Spans">Where the tokens of each pooled passage are, in order.</param>
internal sealed record PassageWindow(int[] Ids, int First, IReadOnlyList<(int Start, int End)> Spans);

/// <summary>Parts a text that is longer than a model takes into windows, none of which ends inside a passage.</summary>
internal static class PassageWindows
{
    /// <summary>The share of a window that is read again from the one before it, so that its first passages have a context too.</summary>
    private const int ContextShare = 4;

    /// <param name="passages">Tokens of each passage, in order; one that no window holds is cut at its end.</param>
    /// <param name="before">Tokens in front of every window.</param>
    /// <param name="after">Tokens behind every window.</param>
    /// <param name="most">The most tokens of a window; more than those in front and behind.</param>
    public static IEnumerable<PassageWindow> Of(
        IReadOnlyList<IReadOnlyList<int>> passages,
        IReadOnlyList<int> before,
        IReadOnlyList<int> after,
        int most
    )
    {
        var room = most - before.Count - after.Count;
        for (var first = 0; first < passages.Count; )
        {
            var end = first;
            var tokens = 0;
            while (end < passages.Count && (end == first || tokens + passages[end].Count <= room))
                tokens = Math.Min(room, tokens + passages[end++].Count);

            List<int> ids = [.. before, .. Before(passages, first, Math.Min(room - tokens, room / ContextShare))];
            var spans = new List<(int Start, int End)>();
            for (var i = first; i < end; i++)
            {
                var start = ids.Count;
                ids.AddRange(passages[i].Take(room));
                spans.Add((start, ids.Count));
            }
            ids.AddRange(after);
            yield return new PassageWindow([.. ids], first, spans);
            first = end;
        }
    }

    /// <summary>The last tokens in front of a passage, as many as are asked for or there are.</summary>
    private static IEnumerable<int> Before(IReadOnlyList<IReadOnlyList<int>> passages, int passage, int count)
    {
        var first = passage;
        var tokens = 0;
        while (first > 0 && tokens < count)
            tokens += passages[--first].Count;
        return passages.Skip(first).Take(passage - first).SelectMany(ids => ids).Skip(Math.Max(0, tokens - count));
    }
}
