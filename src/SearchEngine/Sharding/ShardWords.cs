using SearchEngine.Lexical;
using SearchEngine.Reading;

namespace SearchEngine.Sharding;

/// <summary>
/// What depends on the words of all shards: statistics, corrected spelling, suggestions. Every decision is that of one keyword index with
/// all records. Thread-safe.
/// </summary>
internal sealed class ShardWords(CollectionSchema schema)
{
    /// <summary>Words asked of each shard at first for a suggestion: enough for beginnings of three letters.</summary>
    private const int FirstCompletions = 4096;

    private readonly bool _hasText = schema.Fields.Any(field => field.IsFullText);

    /// <summary>The statistics for a request's words, and what they were put right to; nothing for one without words.</summary>
    public async Task<(TermStatistics? Statistics, SpellingCorrection? Correction)> AskAsync(
        SearchRequest request,
        ShardScatter shards,
        CancellationToken cancellationToken
    )
    {
        var corrects = QueryCorrector.Corrects(request);
        var hasWords = request.Text is not null || request.Keywords is { Count: > 0 };
        // A search by vector needs words only to put them right, and to cut snippets.
        if (!_hasText || !hasWords || (request.Mode == SearchMode.Vector && !corrects && request.SnippetField is null))
            return (null, null);
        var query = new ShardQuery(request.Text, request.Keywords, request.Syntax, corrects);
        var terms = await TermsAsync(query, shards, cancellationToken).ConfigureAwait(false);
        if (!corrects)
            return (TermStatistics.Sum(terms.Select(t => t.Statistics)), null);
        var correction = await CorrectAsync(request.Text!, Unknown(terms), shards, cancellationToken).ConfigureAwait(false);
        if (correction is not null && request.Keywords is not { Count: > 0 })
        {
            terms = await TermsAsync(query with { Text = correction.Text, CorrectSpelling = false }, shards, cancellationToken)
                .ConfigureAwait(false);
        }

        return (TermStatistics.Sum(terms.Select(t => t.Statistics)), correction);
    }

    /// <summary>Ways to go on with a text.</summary>
    public async Task<IReadOnlyList<Suggestion>> SuggestAsync(
        string text,
        int top,
        ShardScatter shards,
        CancellationToken cancellationToken
    )
    {
        if (!_hasText)
            return [];
        for (var limit = FirstCompletions; ; limit = limit > int.MaxValue / 16 ? int.MaxValue : limit * 16)
        {
            var asked = limit;
            var answers = await shards
                .AskAsync((_, shard) => shard.GetCompletionsAsync(text, asked, cancellationToken))
                .ConfigureAwait(false);
            LexicalCompletions[] parts = [.. answers.Select(a => a.Answer).OfType<LexicalCompletions>()];
            if (parts.Length == 0)
                return [];
            var merged = LexicalCompletions.Merge(parts);
            // Where a shard kept words back, those that are rare in it may be frequent elsewhere.
            if (merged.IsCut && limit < int.MaxValue)
                continue;
            var together = await TogetherAsync(merged, shards, cancellationToken).ConfigureAwait(false);
            return [.. merged.Suggest(text, together, top).Select(s => new Suggestion(s.Text, s.Word, s.Documents))];
        }
    }

    private static async Task<long[]?> TogetherAsync(LexicalCompletions merged, ShardScatter shards, CancellationToken cancellationToken)
    {
        if (merged.Before.Count == 0)
            return null;
        string[] words = [.. merged.Candidates.Select(candidate => candidate.Word)];
        var answers = await shards
            .AskAsync((_, shard) => shard.CountTogetherAsync(merged.Before, words, cancellationToken))
            .ConfigureAwait(false);
        if (answers.Sum(a => a.Answer.Documents) == 0)
            return null;
        return [.. Enumerable.Range(0, words.Length).Select(i => answers.Sum(a => a.Answer.Counts[i]))];
    }

    private static async Task<IReadOnlyList<ShardTerms>> TermsAsync(
        ShardQuery query,
        ShardScatter shards,
        CancellationToken cancellationToken
    )
    {
        var answers = await shards.AskAsync((_, shard) => shard.GetTermStatisticsAsync(query, cancellationToken)).ConfigureAwait(false);
        return [.. answers.Select(a => a.Answer)];
    }

    /// <summary>The words that match nothing in any shard.</summary>
    private static LexicalWord[] Unknown(IReadOnlyList<ShardTerms> terms) =>
        [.. terms[0].Unknown.Where(word => terms.Skip(1).All(other => other.Unknown.Contains(word)))];

    private static async Task<SpellingCorrection?> CorrectAsync(
        string text,
        LexicalWord[] unknown,
        ShardScatter shards,
        CancellationToken cancellationToken
    )
    {
        if (unknown.Length == 0)
            return null;
        string[] words = [.. unknown.Select(word => word.Text)];
        var answers = await shards.AskAsync((_, shard) => shard.GetNeighborsAsync(words, cancellationToken)).ConfigureAwait(false);
        var nearest = words.Select(
            (word, i) =>
                LexicalSpelling.Nearest(
                    word,
                    answers
                        .SelectMany(a => a.Answer[i])
                        .GroupBy(neighbor => neighbor.Word, StringComparer.Ordinal)
                        .Select(group => new LexicalWordCount(group.Key, group.Sum(neighbor => neighbor.Documents)))
                )
        );
        return QueryCorrector.Of(LexicalSpelling.Replace(text, unknown.Zip(nearest)));
    }
}
