using SearchEngine.Distributed.Routing;
using SearchEngine.Distributed.Tests.Postgres;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Distributed.Tests.Routing;

/// <summary>A collection in shards does what one in this process does: every member, over a log and replicas that are real.</summary>
public sealed class DistributedCollectionTests(PostgresFixture postgres)
{
    private static readonly HashingEmbeddingGenerator Generator = new(16);

    private static readonly EmbedderOptions Embedder = new() { Generator = Generator };

    private static readonly CollectionSchema Schema = new()
    {
        Name = "notes",
        KeyKind = RecordKeyKind.Int32,
        Fields =
        [
            new DataField("text", DataFieldType.String) { IsFullText = true },
            new DataField("size", DataFieldType.Int32) { IsFilterable = true },
            new DataField("tags", DataFieldType.String) { IsFilterable = true, IsList = true },
            new DataField("when", DataFieldType.DateTimeOffset),
            new DataField("price", DataFieldType.Decimal),
        ],
        Vectors = [new VectorField("vector", 16) { Index = VectorIndexKind.Flat, SourceField = "text" }],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Random_operations_give_what_one_collection_gives(int shards)
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, shards, replicas: 2);
        await using var local = await LocalCollection.CreateAsync(Schema, Embedder);
        var routed = cluster.Router(new RouterOptions { Embedder = Embedder });
        var random = new Random(TestSeed.Get(2026 + shards));
        for (var round = 0; round < 12; round++)
        {
            var batch = Batches(random);
            var expected = await local.Collection.WriteAsync(batch(), Token);
            var actual = await routed.WriteAsync(batch(), Token);
            Assert.Equal(
                (expected.Inserted, expected.Updated, expected.Deleted, expected.NotFound),
                (actual.Inserted, actual.Updated, actual.Deleted, actual.NotFound)
            );
            if (round % 4 == 3)
            {
                var filter = DocumentFilter.Equal("size", random.Next(10));
                Assert.Equal(await local.Collection.DeleteAsync(filter, Token), await routed.DeleteAsync(filter, Token));
                var changes = new Document(0) { ["price"] = 7.25m, ["text"] = "patched together" };
                filter = DocumentFilter.Less("size", 3);
                Assert.Equal(await local.Collection.PatchAsync(filter, changes, Token), await routed.PatchAsync(filter, changes, Token));
            }

            await SameReads.CheckAsync(local.Collection, routed, random, Token);
        }

        var report = await routed.VerifyAsync(null, Token);
        Assert.Empty(report.Problems);
        for (var shard = 0; shard < shards; shard++)
        {
            var head = (await cluster.Log.GetBoundsAsync(cluster.Shared.LogOf(shard), Token)).Head;
            Assert.All(cluster.ReplicasAt(shard), replica => Assert.Equal(head, replica.Replica.Cursor.Position));
        }
    }

    [Fact]
    public async Task A_version_conflict_changes_nothing_and_is_told_with_the_key()
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 2);
        var routed = cluster.Router(new RouterOptions { Embedder = Embedder });
        var written = await routed.WriteAsync(new WriteBatch().Upsert(Note(1, "first"), RecordVersion.None), Token);
        Assert.Equal(written.Version, (await routed.GetAsync(1, cancellationToken: Token))!.Version);
        var conflict = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
            routed.WriteAsync(new WriteBatch().Upsert(Note(1, "second"), RecordVersion.None), Token)
        );
        Assert.Equal((SearchDatabaseError.VersionConflict, (RecordKey)1), (conflict.Error, conflict.Key));
        Assert.Equal("first", (await routed.GetAsync(1, cancellationToken: Token))!["text"]);
        await routed.WriteAsync(new WriteBatch().Upsert(Note(1, "second"), written.Version), Token);
        Assert.Equal("second", (await routed.GetAsync(1, cancellationToken: Token))!["text"]);
        await routed.WriteAsync(new WriteBatch().Upsert(Note(2, "other")), Token);
    }

    [Fact]
    public async Task Versions_over_several_shards_are_refused_unless_each_may_decide_for_itself()
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 4);
        WriteBatch Batch()
        {
            var batch = new WriteBatch();
            for (var key = 0; key < 20; key++)
                batch.Upsert(Note(key, "new"), RecordVersion.None);
            return batch;
        }

        var together = cluster.Router(new RouterOptions { Embedder = Embedder });
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => together.WriteAsync(Batch(), Token));
        Assert.Contains("PerShard", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, await together.CountAsync(cancellationToken: Token));
        var apart = cluster.Router(new RouterOptions { Embedder = Embedder, Atomicity = BatchAtomicity.PerShard });
        Assert.Equal(20, (await apart.WriteAsync(Batch(), Token)).Inserted);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_before_it_is_logged()
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 2);
        var routed = cluster.Router(new RouterOptions { Embedder = Embedder });
        await Assert.ThrowsAsync<ArgumentException>(() =>
            routed.WriteAsync(new WriteBatch().Upsert(new Document(1) { ["colour"] = 1 }), Token)
        );
        await Assert.ThrowsAsync<ArgumentException>(() => routed.WriteAsync(new WriteBatch().Delete("text"), Token));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            routed.WriteAsync(new WriteBatch().SetMetadata("\u0001shard/cursor", "9"), Token)
        );
        await Assert.ThrowsAsync<ArgumentException>(() => routed.DeleteAsync(DocumentFilter.Equal("colour", 1), Token));
        await Assert.ThrowsAsync<ArgumentException>(() => routed.FindAsync(new SearchRequest { Text = "a", VectorField = "no" }, Token));
        await Assert.ThrowsAsync<ArgumentException>(async () =>
            await routed.QueryAsync(new RecordQuery { OrderBy = [new SortKey("tags")] }, Token).FirstOrDefaultAsync(Token)
        );
        for (var shard = 0; shard < 2; shard++)
            Assert.Equal(0, (await cluster.Log.GetBoundsAsync(cluster.Shared.LogOf(shard), Token)).Head);
    }

    [Fact]
    public async Task A_replica_that_starts_again_goes_on_where_it_was_and_knows_outcomes()
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 1);
        var routed = cluster.Router(new RouterOptions { Embedder = Embedder });
        for (var i = 0; i < 20; i++)
            await routed.WriteAsync(new WriteBatch().Merge(Note(i % 7, $"text {i}")), Token);
        var replica = cluster.ReplicasAt(0)[0];
        var versions = await routed
            .QueryAsync(new RecordQuery(), Token)
            .ToDictionaryAsync(d => d.Key, d => d.Version, cancellationToken: Token);
        await replica.RestartAsync(Schema);
        Assert.Equal(20, replica.Replica.Cursor.Position);
        // The same entry again is passed over, and its outcome is the same.
        var entry = (await cluster.Log.ReadAsync(cluster.Shared.LogOf(0), default, cancellationToken: Token))[4];
        var outcome = await replica.Replica.ApplyAsync(entry, Token);
        Assert.Equal((5L, 1, 0), (outcome!.Position, outcome.Inserted, outcome.Updated));
        await Assert.ThrowsAsync<ArgumentException>(() => replica.Replica.ApplyAsync(entry with { Position = 22 }, Token));
        await routed.WriteAsync(new WriteBatch().Upsert(Note(100, "after")), Token);
        // A second replica that applies the log from its beginning gives the records the same versions.
        var second = await cluster.AddAsync(0);
        replica.IsCut = true;
        var again = await routed
            .QueryAsync(new RecordQuery(), Token)
            .ToDictionaryAsync(d => d.Key, d => d.Version, cancellationToken: Token);
        Assert.All(versions, known => Assert.Equal(known.Value, again[known.Key]));
        Assert.Equal(8, again.Count);
        Assert.True(second.Calls > 0);
    }

    [Fact]
    public async Task Reads_go_past_what_is_cut_off_behind_or_slow()
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 2, replicas: 2);
        // No attempt is given up for its time, so that what is asked beside a silent replica is asked because it is slow.
        var routed = cluster.Router(
            new RouterOptions
            {
                Embedder = Embedder,
                Timeout = TimeSpan.FromMinutes(5),
                AttemptTimeout = TimeSpan.FromMinutes(10),
            }
        );
        await routed.UpsertAsync([.. Enumerable.Range(0, 50).Select(key => Note(key, $"number {key}"))], Token);
        var first = cluster.ReplicasAt(0)[0];

        first.IsCut = true;
        Assert.Equal(50, await routed.CountAsync(cancellationToken: Token));
        Assert.NotEmpty((await routed.FindAsync(new SearchRequest { Text = "number 7" }, Token)).Hits);

        // It is back, but stands still: what it does not know must come of the other.
        first.IsCut = false;
        first.IsStopped = true;
        await routed.UpsertAsync([.. Enumerable.Range(50, 20).Select(key => Note(key, $"number {key}"))], Token);
        Assert.Equal(70, await routed.CountAsync(cancellationToken: Token));
        var other = cluster.Router(new RouterOptions { Embedder = Embedder });
        Assert.Equal(70, await other.CountAsync(cancellationToken: Token));
        first.IsStopped = false;

        // It does not answer: the second is asked beside it, and answers first.
        first.IsSilent = true;
        var before = cluster.ReplicasAt(0)[1].Calls;
        Assert.Equal(70, await routed.CountAsync(cancellationToken: Token).WaitAsync(TimeSpan.FromMinutes(5), Token));
        Assert.True(cluster.ReplicasAt(0)[1].Calls > before);
        first.IsSilent = false;
    }

    [Fact]
    public async Task A_missing_shard_is_an_error_or_a_part_that_is_marked_as_missing()
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 3);
        var routed = cluster.Router(new RouterOptions { Embedder = Embedder });
        await routed.UpsertAsync([.. Enumerable.Range(0, 60).Select(key => Note(key, $"number {key}"))], Token);
        var request = new SearchRequest
        {
            Text = "number",
            CountTotal = true,
            Mode = SearchMode.Keyword,
        };
        Assert.Equal(60, (await routed.FindAsync(request, Token)).Total);
        cluster.ReplicasAt(1)[0].IsCut = true;
        // What is there is at the position that is asked for: it answers at once, or when it is let.
        var hasty = cluster.Router(
            new RouterOptions
            {
                Embedder = Embedder,
                Timeout = TimeSpan.FromMilliseconds(300),
                AttemptTimeout = TimeSpan.FromMinutes(5),
            }
        );
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => hasty.FindAsync(request, Token));
        Assert.Equal(SearchDatabaseError.ShardUnavailable, error.Error);
        var partial = await hasty.FindAsync(request with { AllowPartial = true }, Token);
        Assert.Equal([1], partial.MissingShards);
        Assert.Equal(60 - await cluster.ReplicasAt(1)[0].Collection.CountAsync(cancellationToken: Token), partial.Total);
        Assert.All(partial.Hits, hit => Assert.NotEqual(1, hit.Key.PartitionOf(3)));
    }

    [Fact]
    public async Task A_view_stays_what_it_was_and_says_so_when_its_replica_is_gone()
    {
        await using var cluster = await LocalCluster.StartAsync(postgres, Schema, 2);
        var routed = cluster.Router(new RouterOptions { Embedder = Embedder });
        await routed.UpsertAsync([.. Enumerable.Range(0, 1200).Select(key => Note(key, $"number {key}"))], Token);
        await using var view = await routed.OpenViewAsync(Token);
        await routed.DeleteAsync(DocumentFilter.Less("size", 5), Token);
        Assert.Equal(1200, await view.CountAsync(cancellationToken: Token));
        var seen = 0;
        await using var reading = view.QueryAsync(new RecordQuery(), Token).GetAsyncEnumerator(Token);
        for (; seen < 100; seen++)
            Assert.True(await reading.MoveNextAsync());
        foreach (var replica in new[] { cluster.ReplicasAt(0)[0], cluster.ReplicasAt(1)[0] })
            replica.IsCut = true;
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(async () =>
        {
            while (await reading.MoveNextAsync()) { }
        });
        Assert.Equal(SearchDatabaseError.SnapshotTooOld, error.Error);
    }

    private static Document Note(int key, string text) =>
        new(key)
        {
            ["text"] = text,
            ["size"] = key % 10,
            ["tags"] = new[] { $"t{key % 3}", "all" },
            ["when"] = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromHours(2)).AddMinutes(key),
            ["price"] = key / 4m,
        };

    /// <summary>A batch of all kinds of operations, made anew at each call: a write may change its documents.</summary>
    private static Func<WriteBatch> Batches(Random random)
    {
        var seed = random.Next();
        return () =>
        {
            var made = new Random(seed);
            var batch = new WriteBatch();
            for (var i = 0; i < 40; i++)
            {
                var note = Note(made.Next(150), $"word{made.Next(30)} word{made.Next(30)} and word{made.Next(30)}");
                switch (made.Next(10))
                {
                    case 0:
                        batch.Delete(note.Key);
                        break;
                    case 1:
                        batch.Patch(new Document(note.Key) { ["price"] = 1.5m });
                        break;
                    case 2:
                        batch.Patch(new Document(note.Key) { ["text"] = note["text"], Vectors = { ["vector"] = default } });
                        break;
                    case 3:
                        batch.Merge(new Document(note.Key) { ["tags"] = null, ["text"] = "merged word1" });
                        break;
                    case 4:
                        batch.SetMetadata($"name {made.Next(8)}", made.Next(3) == 0 ? null : $"value {i}");
                        break;
                    default:
                        batch.Upsert(note);
                        break;
                }
            }

            return batch;
        };
    }
}
