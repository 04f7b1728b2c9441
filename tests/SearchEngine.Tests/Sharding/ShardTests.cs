using SearchEngine.Sharding;
using SearchEngine.Tests.Reading;
using Xunit;

namespace SearchEngine.Tests.Sharding;

/// <summary>What a shard answers by itself, and how several are asked.</summary>
public sealed class ShardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Nothing of a search runs on when it is over.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_search_that_fails_at_a_shard_ends_when_all_have_answered(bool allowsMissing)
    {
        var slow = new TaskCompletionSource<int>();
        var scatter = new ShardScatter(new ISearchShard[3], allowsMissing);
        var answers = scatter.AskAsync(
            (shard, _) =>
                shard switch
                {
                    0 => Task.FromException<int>(new IOException("No disk.")),
                    1 => slow.Task,
                    _ => Task.FromResult(shard),
                }
        );
        Assert.False(answers.IsCompleted);
        slow.SetResult(1);
        await Assert.ThrowsAsync<IOException>(() => answers);
    }

    /// <summary>A search begins again where its moment has grown old, and for no other reason.</summary>
    [Fact]
    public async Task A_search_of_a_shard_that_is_cancelled_ends()
    {
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync([SmallCollection.Record(1)], Token);
        var search = Search(SearchMode.Hybrid);
        Assert.Single((await small.Collection.AsShard().FindCandidatesAsync(search, Token)).Records);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            small.Collection.AsShard().FindCandidatesAsync(search, new CancellationToken(canceled: true))
        );
    }

    [Fact]
    public async Task A_distance_or_score_that_a_shard_did_not_compute_is_none()
    {
        await using var small = await SmallCollection.CreateAsync();
        await small.Collection.UpsertAsync(
            [.. Enumerable.Range(0, 40).Select(key => SmallCollection.Record(key, word: key < 30 ? "common" : "word"))],
            Token
        );
        var found = await small.Collection.AsShard().FindCandidatesAsync(Search(SearchMode.Hybrid), Token);
        Assert.Equal(4, found.Nearest[0].Length);
        Assert.Equal(4, found.Keyword.Length);
        Assert.Equal(8, found.Records.Length);
        for (var place = 0; place < found.Records.Length; place++)
        {
            Assert.Equal(!found.Nearest[0].Contains(place), float.IsNaN(found.Distances[0][place]));
            Assert.Equal(!found.Keyword.Contains(place), found.Scores[place] == 0);
        }

        // Where both rankings are weighed, each candidate has both.
        found = await small.Collection.AsShard().FindCandidatesAsync(Search(SearchMode.Hybrid) with { ScoresUnion = true }, Token);
        Assert.DoesNotContain(found.Distances[0], float.IsNaN);
    }

    private static ShardSearch Search(SearchMode mode) =>
        new()
        {
            Mode = mode,
            Depth = 4,
            Text = "word",
            Vectors = [new VectorQuery("vector") { Vector = SmallCollection.VectorOf(0) }],
        };
}
