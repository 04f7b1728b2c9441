using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Client;
using SearchEngine.Distributed.Log;
using SearchEngine.Hosting;
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
        await using var hasty = await cluster.HostAsync(api => api, isHasty: true);
        Task<JsonElement> SearchAsync(RunningHost host, string allow, int status) =>
            host.SendAsync(HttpMethod.Post, "/collections/parts/search", body.Replace("ALLOW", allow), status);

        Assert.Equal(40, (await SearchAsync(cluster.Api, "", 200)).GetProperty("total").GetInt32());
        Assert.Equal(
            JsonValueKind.Null,
            (await SearchAsync(cluster.Api, ""","allowPartial":true""", 200)).GetProperty("missingShards").ValueKind
        );
        using var client = new SearchClient(new SearchClientOptions { Address = hasty.Address });
        var remote = await client.GetCollectionAsync("parts", Token);
        await cluster.StopSiloAsync("b");
        try
        {
            var refused = await SearchAsync(hasty, "", 503);
            Assert.Equal("shardUnavailable", refused.GetProperty("error").GetString());
            var detail = refused.GetProperty("detail").GetString()!;
            Assert.Matches(
                $"^Shard [0-9] of collection 'parts' could not be asked for {ClusterFixture.HastySeconds} s \\(Silo b does not answer\\): [^.]*\\.$",
                detail
            );

            var partial = await SearchAsync(hasty, ""","allowPartial":true""", 200);
            Assert.Equal(missing, partial.GetProperty("missingShards").Deserialize<int[]>()!);
            Assert.Equal(there.Length, partial.GetProperty("total").GetInt32());
            Assert.Equal(
                there.Order(),
                partial.GetProperty("hits").EnumerateArray().Select(hit => hit.GetProperty("key").GetString()!).Order()
            );
            var counted = await hasty.SendAsync(
                HttpMethod.Post,
                "/collections/parts/facets",
                """{"facets":[{"field":"kind"}],"allowPartial":true}""",
                200
            );
            Assert.Equal(there.Length, counted.GetProperty("total").GetInt32());
            Assert.Equal(missing, counted.GetProperty("missingShards").Deserialize<int[]>()!);
            var like = await hasty.SendAsync(
                HttpMethod.Post,
                "/collections/parts/recommend",
                new { like = new[] { there[0] }, search = new { k = 50, allowPartial = true } },
                200
            );
            Assert.Equal(missing, like.GetProperty("missingShards").Deserialize<int[]>()!);
            Assert.Equal(there.Length - 1, like.GetProperty("hits").GetArrayLength());
            var listed = await hasty.SendAsync(HttpMethod.Get, "/collections", null, 200);
            Assert.Contains(
                "could not be asked",
                listed
                    .GetProperty("collections")
                    .EnumerateArray()
                    .Single(one => one.GetProperty("name").GetString() == "parts")
                    .GetProperty("problem")
                    .GetString(),
                StringComparison.Ordinal
            );
            await SameOverTheClientAsync(remote, missing, there.Length);
        }
        finally
        {
            await cluster.StartSiloAsync("b");
        }

        await ClusterFixture.UntilAsync(async () => (await cluster.Connection.Administration.GetStatusAsync(Token)).IsSettled);
        Assert.Equal(40, (await SearchAsync(cluster.Api, "", 200)).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task The_cluster_is_told_to_an_admin_key_of_all_collections_and_to_no_other()
    {
        await using (var local = await RunningHost.StartAsync())
        {
            Assert.False((await local.SendAsync(HttpMethod.Get, "/health", null, 200)).GetProperty("cluster").GetBoolean());
            await local.SendAsync(HttpMethod.Get, "/cluster", null, 404);
        }

        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        var keys = new[] { "read", "write", "admin", "some" }.ToDictionary(name => name, _ => ApiKeyRing.Make());
        await using var guarded = await cluster.HostAsync(api =>
            api with
            {
                Keys =
                [
                    .. keys.Select(key => new ApiKeySettings
                    {
                        Name = key.Key,
                        Hash = key.Value.Hash,
                        Access = key.Key == "some" ? "admin" : key.Key,
                        Collections = key.Key == "some" ? ["looked-*"] : [],
                    }),
                ],
            }
        );
        Task<JsonElement> AskAsync(string path, string key, int status) =>
            guarded.SendAsync(HttpMethod.Get, path, null, status, ("X-Api-Key", keys[key].Key));
        await guarded.SendAsync(HttpMethod.Get, "/cluster", null, 401);
        foreach (var key in new[] { "read", "write", "some" })
            await AskAsync("/cluster", key, 403);
        Assert.True((await AskAsync("/health", "read", 200)).GetProperty("cluster").GetBoolean());

        var held = await cluster.MakeSplitAsync("looked-at", "b");
        await cluster.Api.SendAsync(
            HttpMethod.Post,
            "/collections/looked-at/documents",
            new { documents = Enumerable.Range(0, 30).Select(i => new { key = $"k{i}", fields = new { text = "x" } }) },
            200
        );
        JsonElement[] shards = [];
        await ClusterFixture.UntilAsync(async () =>
        {
            var status = await AskAsync("/cluster", "admin", 200);
            Assert.Equal(["a", "b"], status.GetProperty("silos").EnumerateArray().Select(silo => silo.GetProperty("name").GetString()));
            shards =
            [
                .. status.GetProperty("shards").EnumerateArray().Where(shard => shard.GetProperty("collection").GetString() == "looked-at"),
            ];
            return shards.All(shard =>
                shard.GetProperty("replicas") is { } replicas
                && replicas.GetArrayLength() == 1
                && replicas[0].GetProperty("state").GetString() == "serving"
                && replicas[0].GetProperty("lag").GetInt64() == 0
            );
        });
        Assert.Equal(ClusterFixture.Shards, shards.Length);
        Assert.All(
            shards,
            shard =>
            {
                var replica = shard.GetProperty("replicas")[0];
                Assert.Equal(held.Contains(shard.GetProperty("shard").GetInt32()) ? "b" : "a", replica.GetProperty("silo").GetString());
                Assert.Equal(shard.GetProperty("head").GetInt64(), replica.GetProperty("position").GetInt64());
                Assert.Equal(1, replica.GetProperty("position").GetInt64());
            }
        );
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
