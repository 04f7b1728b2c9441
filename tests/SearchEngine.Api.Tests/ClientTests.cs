using SearchEngine.Client;

namespace SearchEngine.Api.Tests;

/// <summary>A collection over HTTP beside the same collection in the host's own process: what one says the other says.</summary>
public sealed class ClientTests
{
    private static readonly CollectionSchema Schema = new()
    {
        Name = "same",
        KeyKind = RecordKeyKind.Int64,
        Fields =
        [
            new DataField("text", DataFieldType.String) { IsFullText = true },
            new DataField("kind", DataFieldType.String) { IsFilterable = true },
            new DataField("size", DataFieldType.Double) { IsFilterable = true },
            new DataField("days", DataFieldType.DateOnly) { IsList = true },
            new DataField("raw", DataFieldType.Byte) { IsList = true },
            new DataField("when", DataFieldType.DateTimeOffset) { IsFilterable = true },
            new DataField("blob", DataFieldType.Bytes),
        ],
        Vectors = [new VectorField("v", 64) { SourceField = "text" }],
    };

    [Fact]
    public async Task A_collection_over_http_is_the_collection_itself()
    {
        await using var host = await RunningHost.StartAsync();
        using var client = new SearchClient(new SearchClientOptions { Address = host.Address });
        Assert.True(await client.IsReadyAsync());
        var remote = await client.GetOrCreateCollectionAsync(Schema);
        var local = await (
            (Serving.OpenedDatabase)host.Application.Services.GetService(typeof(Serving.OpenedDatabase))!
        ).Database.GetCollectionAsync("same");
        Assert.Equal(local.Schema.Vectors, remote.Schema.Vectors);
        Assert.Equal(local.Schema.Fields, remote.Schema.Fields);

        var batch = new WriteBatch().SetMetadata("state", "x y");
        for (var i = 0L; i < 20; i++)
        {
            batch.Upsert(
                new Document(i)
                {
                    ["text"] = i % 2 == 0 ? $"whales {i}" : $"bread {i}",
                    ["kind"] = i % 3 == 0 ? null : $"k{i % 3}",
                    ["size"] = i == 4 ? double.PositiveInfinity : i / 7.0,
                    ["days"] = new[] { new DateOnly(2024, 2, 29) },
                    ["raw"] = new byte[] { 1, 255 },
                    ["when"] = new DateTimeOffset(2024, 1, 1, 12, 0, 0, TimeSpan.FromHours(2)).AddTicks(i),
                    ["blob"] = new byte[] { 0, 7 },
                }
            );
        }

        var written = await remote.WriteAsync(batch);
        Assert.Equal(20, written.Inserted);
        await SameAsync(local, remote, collection => collection.GetAsync([3L, 99L, 4L], includeVectors: true));
        await SameAsync(
            local,
            remote,
            async collection => await collection.QueryAsync(new RecordQuery { OrderBy = [new("size", true)] }).ToListAsync()
        );
        var filter = DocumentFilter.Greater("size", 1.0) & !DocumentFilter.Equal("kind", null);
        Assert.Equal(await local.CountAsync(filter), await remote.CountAsync(filter));
        var request = new SearchRequest
        {
            Text = "whales",
            Explain = true,
            Filter = filter,
            CountTotal = true,
            Facets = [new FacetRequest("kind")],
            GroupBy = "kind",
            GroupSize = 3,
            SnippetField = "text",
            IncludeVectors = true,
        };
        var (mine, theirs) = (await local.FindAsync(request), await remote.FindAsync(request));
        Assert.Equal(mine.Total, theirs.Total);
        Assert.Equal(mine.Facets.Select(f => string.Join(' ', f.Values)), theirs.Facets.Select(f => string.Join(' ', f.Values)));
        Assert.Equal(
            mine.Hits.Select(h => (h.Key, h.Score, h.Group, h.Distance)),
            theirs.Hits.Select(h => (h.Key, h.Score, h.Group, h.Distance))
        );
        Assert.Equal(mine.Hits.Select(h => Text(h.Document)), theirs.Hits.Select(h => Text(h.Document)));
        Assert.Equal(mine.Hits[0].Explanation!.Terms, theirs.Hits[0].Explanation!.Terms);
        Assert.Equal(mine.Hits[0].Snippet!.Text, theirs.Hits[0].Snippet!.Text);

        Assert.Equal("x y", await remote.GetMetadataAsync("state"));
        Assert.Null(await remote.GetMetadataAsync("none"));
        Assert.Equal(new KeyValuePair<string, string>("state", "x y"), Assert.Single(await remote.ListMetadataAsync("st").ToListAsync()));
        Assert.Equal(20, (await remote.ListKeysAsync().ToListAsync()).Count);
        Assert.Equal(20, (await remote.GetInfoAsync()).Count);
        Assert.Equal(["same"], await client.ListCollectionsAsync().ToListAsync());

        // A view is a moment, whatever is written meanwhile.
        await using (var view = await remote.OpenViewAsync())
        {
            Assert.Equal(2, await remote.PatchAsync(DocumentFilter.Less("size", 0.2), new Document(0L) { ["kind"] = "patched" }));
            Assert.True(await remote.DeleteAsync(DocumentFilter.Greater("size", 1.0)) > 10);
            Assert.Equal(20, await view.CountAsync());
            Assert.Equal(20, (await view.QueryAsync(new RecordQuery()).ToListAsync()).Count);
        }

        Assert.Equal("patched", (await remote.GetAsync(0L))!["kind"]);
        var embedding = new WriteBatch().Upsert(new Document(50L) { ["text"] = "sea" });
        await remote.EmbedDocumentsAsync(embedding);
        await SameErrorAsync<ArgumentException>(
            local,
            remote,
            "'no'",
            c => c.SearchAsync(new SearchRequest { Text = "x", Filter = DocumentFilter.Equal("no", 1) })
        );
        await SameErrorAsync<ArgumentException>(local, remote, "'nowhere'", c => c.UpsertAsync([new Document(1L) { ["nowhere"] = 1 }]));
        var conflict = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
            remote.WriteAsync(new WriteBatch().Upsert(new Document(0L), RecordVersion.None))
        );
        Assert.Equal((SearchDatabaseError.VersionConflict, (RecordKey)0L), (conflict.Error, conflict.Key!.Value));
        Assert.True(await client.DeleteCollectionAsync("same"));
        Assert.False(await client.DeleteCollectionAsync("same"));
        await Assert.ThrowsAsync<SearchDatabaseException>(() => client.GetCollectionAsync("same"));
    }

    private static async Task SameAsync(
        ISearchCollection local,
        ISearchCollection remote,
        Func<ISearchCollection, Task<IReadOnlyList<Document>>> read
    ) => Assert.Equal((await read(local)).Select(Text), (await read(remote)).Select(Text));

    private static async Task SameAsync(
        ISearchCollection local,
        ISearchCollection remote,
        Func<ISearchCollection, Task<List<Document>>> read
    ) => Assert.Equal((await read(local)).Select(Text), (await read(remote)).Select(Text));

    private static async Task SameErrorAsync<T>(
        ISearchCollection local,
        ISearchCollection remote,
        string part,
        Func<ISearchCollection, Task> run
    )
        where T : Exception
    {
        var mine = await Assert.ThrowsAsync<T>(() => run(local));
        var theirs = await Assert.ThrowsAsync<T>(() => run(remote));
        Assert.Contains(part, mine.Message, StringComparison.Ordinal);
        Assert.Contains(part, theirs.Message, StringComparison.Ordinal);
    }

    private static string Text(Document document) =>
        $"{document.Key} {document.Version} "
        + string.Join(
            "; ",
            document
                .Fields.Where(pair => pair.Value is not null)
                .OrderBy(pair => pair.Key)
                .Select(pair =>
                    $"{pair.Key}:{pair.Value!.GetType().Name}={(pair.Value is Array items ? string.Join(',', items.Cast<object>()) : pair.Value is DateTimeOffset time ? time.ToString("O") : pair.Value)}"
                )
        )
        + string.Join(" ", document.Vectors.Select(pair => pair.Key + string.Join(',', pair.Value.ToArray())));
}
