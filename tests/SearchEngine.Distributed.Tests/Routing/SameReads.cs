using System.Text;
using System.Text.Json;
using SearchEngine.Distributed.Routing;
using Xunit;

namespace SearchEngine.Distributed.Tests.Routing;

/// <summary>Holds every read of a collection in shards against the same of one collection.</summary>
internal static class SameReads
{
    public static async Task CheckAsync(SearchCollection one, DistributedCollection shards, Random random, CancellationToken token)
    {
        Assert.Equal(await one.CountAsync(cancellationToken: token), await shards.CountAsync(cancellationToken: token));
        Assert.Equal((await one.GetInfoAsync(token)).Count, (await shards.GetInfoAsync(token)).Count);
        var keys = Enumerable.Range(0, 30).Select(_ => (RecordKey)random.Next(160)).ToArray();
        Assert.Equal(
            Text(one.Schema, await one.GetAsync(keys.Distinct().ToArray(), includeVectors: true, token)),
            Text(one.Schema, await shards.GetAsync(keys.Distinct().ToArray(), includeVectors: true, token))
        );
        Assert.Equal(
            (await one.ListKeysAsync(token).ToListAsync(token)).Order(),
            (await shards.ListKeysAsync(token).ToListAsync(token)).Order()
        );
        Assert.Equal(
            (await one.ListMetadataAsync("name", token).ToListAsync(token)).OrderBy(e => e.Key),
            (await shards.ListMetadataAsync("", token).ToListAsync(token)).OrderBy(e => e.Key)
        );
        Assert.Equal(await one.GetMetadataAsync("name 3", token), await shards.GetMetadataAsync("name 3", token));

        var query = new RecordQuery
        {
            Filter = DocumentFilter.Less("size", random.Next(10)),
            OrderBy = [new SortKey("size", Descending: true), new SortKey(DocumentFilter.KeyField)],
            Skip = random.Next(5),
            Top = random.Next(1, 40),
            IncludeVectors = true,
        };
        Assert.Equal(
            Text(one.Schema, await one.QueryAsync(query, token).ToListAsync(token)),
            Text(one.Schema, await shards.QueryAsync(query, token).ToListAsync(token))
        );
        // Without an order each record comes once, whatever the page.
        var paged = new List<RecordKey>();
        for (var skip = 0; skip < 200; skip += 23)
            paged.AddRange(await shards.QueryAsync(new RecordQuery { Skip = skip, Top = 23 }, token).Select(d => d.Key).ToListAsync(token));
        Assert.Equal((await one.ListKeysAsync(token).ToListAsync(token)).Order(), paged.Order());

        var request = new SearchRequest
        {
            Text = $"word{random.Next(30)} word{random.Next(30)}",
            Mode = SearchMode.Vector,
            CountTotal = true,
            Facets = [new FacetRequest("tags"), new FacetRequest("size") { Borders = [3, 6] }],
        };
        var (expected, actual) = (await one.FindAsync(request, token), await shards.FindAsync(request, token));
        Assert.Equal(expected.Hits.Select(hit => hit.Score), actual.Hits.Select(hit => hit.Score));
        Assert.Equal(expected.Total, actual.Total);
        Assert.Equal(expected.Facets.SelectMany(f => f.Values), actual.Facets.SelectMany(f => f.Values));
        Assert.Equal(await one.SuggestAsync("wo", 1, token) is [_], await shards.SuggestAsync("wo", 1, token) is [_]);
        var view = await shards.OpenViewAsync(token);
        Assert.Equal(await one.CountAsync(query.Filter, token), await view.CountAsync(query.Filter, token));
        await view.DisposeAsync();
    }

    private static IEnumerable<string> Text(CollectionSchema schema, IEnumerable<Document> documents) =>
        documents.Select(document =>
        {
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer))
                DocumentJson.WriteDocument(json, schema, document);
            return Encoding.UTF8.GetString(buffer.ToArray());
        });
}
