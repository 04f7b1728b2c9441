using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SearchEngine.Api.Requests;
using SearchEngine.Client;
using SearchEngine.Distributed.Log;
using SearchEngine.TestSupport.Postgres;

namespace SearchEngine.Api.Tests;

/// <summary>The host over a cluster in place of a folder.</summary>
public sealed class ClusterTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missing_shard_is_503_with_a_sentence_or_named_where_partial_answers_are_allowed()
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        var missing = await cluster.MakeSplitAsync("parts", "b");
        await cluster.Api.SendAsync(
            HttpMethod.Post,
            "/collections/parts/documents",
            new
            {
                documents = Enumerable
                    .Range(0, 40)
                    .Select(i => new
                    {
                        key = $"k{i}",
                        fields = new { text = "common words", kind = i % 2 == 0 ? "even" : "odd" },
                        vectors = new { v = new[] { i, 1f } },
                    }),
            },
            200
        );
        var there = Enumerable
            .Range(0, 40)
            .Select(i => $"k{i}")
            .Where(key => !missing.Contains(RecordKey.From(key).PartitionOf(ClusterFixture.Shards)))
            .ToArray();
        var body = """{"query":"common","mode":"keyword","k":50,"total":true,"facets":[{"field":"kind"}]ALLOW}""";
        Task<JsonElement> SearchAsync(string allow, int status) =>
            cluster.Api.SendAsync(HttpMethod.Post, "/collections/parts/search", body.Replace("ALLOW", allow), status);

        Assert.Equal(40, (await SearchAsync("", 200)).GetProperty("total").GetInt32());
        Assert.Equal(JsonValueKind.Null, (await SearchAsync(""","allowPartial":true""", 200)).GetProperty("missingShards").ValueKind);
        using var client = new SearchClient(new SearchClientOptions { Address = cluster.Api.Address });
        var remote = await client.GetCollectionAsync("parts", Token);
        await cluster.StopSiloAsync("b");
        try
        {
            var refused = await SearchAsync("", 503);
            Assert.Equal("shardUnavailable", refused.GetProperty("error").GetString());
            var detail = refused.GetProperty("detail").GetString()!;
            Assert.Matches("^Shard [0-9] of collection 'parts' could not be asked for 3 s \\(Silo b does not answer\\): [^.]*\\.$", detail);

            var partial = await SearchAsync(""","allowPartial":true""", 200);
            Assert.Equal(missing, partial.GetProperty("missingShards").Deserialize<int[]>()!);
            Assert.Equal(there.Length, partial.GetProperty("total").GetInt32());
            Assert.Equal(
                there.Order(),
                partial.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("key").GetString()!).Order()
            );
            var counted = await cluster.Api.SendAsync(
                HttpMethod.Post,
                "/collections/parts/facets",
                """{"facets":[{"field":"kind"}],"allowPartial":true}""",
                200
            );
            Assert.Equal(there.Length, counted.GetProperty("total").GetInt32());
            Assert.Equal(missing, counted.GetProperty("missingShards").Deserialize<int[]>()!);
            var like = await cluster.Api.SendAsync(
                HttpMethod.Post,
                "/collections/parts/recommend",
                new { like = new[] { there[0] }, search = new { k = 50, allowPartial = true } },
                200
            );
            Assert.Equal(missing, like.GetProperty("missingShards").Deserialize<int[]>()!);
            Assert.Equal(there.Length - 1, like.GetProperty("hits").GetArrayLength());
            await SameOverTheClientAsync(remote, missing, there.Length);
        }
        finally
        {
            await cluster.StartSiloAsync("b");
        }

        await ClusterFixture.UntilAsync(async () => (await cluster.Connection.Administration.GetStatusAsync(Token)).IsSettled);
        Assert.Equal(40, (await SearchAsync("", 200)).GetProperty("total").GetInt32());
    }

    [Fact]
    public void What_is_said_of_a_log_that_does_not_answer_names_no_server()
    {
        var log = new SharedLogException(SharedLogError.Unavailable, "No PostgreSQL server of db1,db2 answered.");
        var failure = new SearchDatabaseException(SearchDatabaseError.ShardUnavailable, log.Message, log);
        var (status, _, detail) = ProblemHandler.Describe(failure, new DefaultHttpContext());
        Assert.Equal(503, status);
        Assert.DoesNotContain("db1", detail, StringComparison.Ordinal);
    }

    private static async Task SameOverTheClientAsync(ISearchCollection parts, IReadOnlyList<int> missing, int total)
    {
        var request = new SearchRequest
        {
            Text = "common",
            Mode = SearchMode.Keyword,
            CountTotal = true,
        };
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => parts.FindAsync(request, Token));
        Assert.Equal(SearchDatabaseError.ShardUnavailable, error.Error);
        var partial = await parts.FindAsync(request with { AllowPartial = true }, Token);
        Assert.Equal(missing, partial.MissingShards);
        Assert.Equal(total, partial.Total);
    }
}
