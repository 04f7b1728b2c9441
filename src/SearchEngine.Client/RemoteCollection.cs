using System.Runtime.CompilerServices;
using System.Text.Json;
using SearchEngine.Api.Contracts;
using static SearchEngine.Client.HttpGateway;

namespace SearchEngine.Client;

/// <summary>A collection of a host. What it holds of it is the schema, which never changes. Thread-safe.</summary>
internal sealed class RemoteCollection(HttpGateway gateway, CollectionSchema schema) : ISearchCollection
{
    private readonly string _path = SearchClient.PathOf(schema.Name);
    private readonly SearchWire _wire = new(schema);

    public string Name => Schema.Name;

    public CollectionSchema Schema { get; } = schema;

    public async Task<WriteResult> WriteAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        var body = new BatchBody(ElementOf(json => WriteBatchJson.Write(json, batch, Schema)));
        var reply = await gateway.SendAsync<WriteReply>(HttpMethod.Post, _path + "/write", body, cancellationToken).ConfigureAwait(false);
        return new WriteResult(reply.Inserted, reply.Updated, reply.Deleted, 0)
        {
            NotFound = reply.NotFound,
            Version = RecordVersion.Parse(reply.Version),
        };
    }

    public async Task EmbedDocumentsAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        var body = new BatchBody(ElementOf(json => WriteBatchJson.Write(json, batch, Schema)));
        var reply = await gateway.SendAsync<JsonElement>(HttpMethod.Post, _path + "/embed", body, cancellationToken).ConfigureAwait(false);
        WriteBatchJson.TakeVectors(batch, reply.GetProperty("operations"));
    }

    public async Task<long> DeleteAsync(DocumentFilter filter, CancellationToken cancellationToken = default)
    {
        var body = new DeleteBody(Filter: FilterOf(filter));
        return (
            await gateway.SendAsync<WriteReply>(HttpMethod.Post, _path + "/documents/delete", body, cancellationToken).ConfigureAwait(false)
        ).Deleted;
    }

    public async Task<long> PatchAsync(DocumentFilter filter, Document changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        // As an operation of a batch it is written as any document; its key, which a patch by filter has none of, is left behind.
        var keyed = new Document(RecordKey.Any(Schema.KeyKind))
        {
            Fields = changes.Fields,
            Vectors = changes.Vectors,
            EmbeddingTexts = changes.EmbeddingTexts,
        };
        var written = ElementOf(json => WriteBatchJson.Write(json, new WriteBatch().Patch(keyed), Schema))[0].GetProperty("patch");
        var body = new
        {
            filter = FilterOf(filter),
            changes = new
            {
                fields = written.GetProperty("fields"),
                vectors = written.GetProperty("vectors"),
                embeddingTexts = written.GetProperty("embeddingTexts"),
            },
        };
        return (
            await gateway.SendAsync<CountReply>(HttpMethod.Post, _path + "/documents/patch", body, cancellationToken).ConfigureAwait(false)
        ).Count;
    }

    public async Task<IReadOnlyList<SearchHit>> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        (await FindAsync(request, cancellationToken).ConfigureAwait(false)).Hits;

    public async Task<SearchResults> FindAsync(SearchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var reply = await gateway
            .SendAsync<JsonElement>(HttpMethod.Post, _path + "/search", SearchWire.BodyOf(request), cancellationToken)
            .ConfigureAwait(false);
        return _wire.ResultsOf(reply, request);
    }

    public async Task<IReadOnlyList<Suggestion>> SuggestAsync(string text, int top = 8, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reply = await gateway
            .GetAsync<SuggestReply>($"{_path}/suggest?top={top}&text={Uri.EscapeDataString(text)}", cancellationToken)
            .ConfigureAwait(false);
        return reply.Suggestions;
    }

    public async Task<Document?> GetAsync(RecordKey key, bool includeVectors = false, CancellationToken cancellationToken = default)
    {
        var found = await GetAsync([key], includeVectors, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    public async Task<IReadOnlyList<Document>> GetAsync(
        IReadOnlyCollection<RecordKey> keys,
        bool includeVectors = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(keys);
        var body = new GetBody([.. keys.Select(key => ElementOf(json => DocumentJson.WriteValue(json, key.Value)))], includeVectors);
        var page = await gateway
            .SendAsync<JsonElement>(HttpMethod.Post, _path + "/documents/get", body, cancellationToken)
            .ConfigureAwait(false);
        return [.. page.GetProperty("documents").EnumerateArray().Select(document => DocumentJson.Read(document, Schema))];
    }

    public IAsyncEnumerable<Document> QueryAsync(RecordQuery query, CancellationToken cancellationToken = default) =>
        QueryAsync(query, null, cancellationToken);

    public async IAsyncEnumerable<RecordKey> ListKeysAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var key in gateway.StreamAsync(HttpMethod.Get, _path + "/keys", null, cancellationToken).ConfigureAwait(false))
        {
            yield return DocumentJson.ReadKey(key, Schema.KeyKind);
        }
    }

    public Task<long> CountAsync(DocumentFilter? filter = null, CancellationToken cancellationToken = default) =>
        CountAsync(filter, null, cancellationToken);

    public async Task<string?> GetMetadataAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name is "." or "..")
        {
            // An address has no such segment.
            await foreach (var (key, value) in ListMetadataAsync(name, cancellationToken).ConfigureAwait(false))
            {
                if (key == name)
                    return value;
            }
            return null;
        }
        try
        {
            return (
                await gateway
                    .GetAsync<MetadataReply>($"{_path}/metadata/{Uri.EscapeDataString(name)}", cancellationToken)
                    .ConfigureAwait(false)
            ).Value;
        }
        catch (HttpRequestException e) when (e.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(
        string prefix = "",
        CancellationToken cancellationToken = default
    ) => ListMetadataAsync(prefix, null, cancellationToken);

    public async Task<ICollectionView> OpenViewAsync(CancellationToken cancellationToken = default)
    {
        var reply = await gateway.SendAsync<ViewReply>(HttpMethod.Post, _path + "/views", null, cancellationToken).ConfigureAwait(false);
        return new RemoteView(this, reply.Id);
    }

    public async Task<CollectionInfo> GetInfoAsync(CancellationToken cancellationToken = default)
    {
        var reply = await gateway.GetAsync<CollectionReply>(_path, cancellationToken).ConfigureAwait(false);
        return new CollectionInfo(Schema, reply.Records, reply.DiskBytes, reply.LogBytes, reply.MemoryBytes, reply.LastCheckpoint);
    }

    internal async IAsyncEnumerable<Document> QueryAsync(
        RecordQuery query,
        string? view,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        var body = new StreamBody(
            query.Filter is null ? null : FilterOf(query.Filter),
            [.. query.OrderBy.Select(key => new SortOrder(key.Field, key.Descending))],
            query.Skip,
            query.Top,
            query.IncludeVectors
        );
        await foreach (
            var document in gateway
                .StreamAsync(HttpMethod.Post, _path + "/documents/stream" + ViewOf(view, '?'), body, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            yield return DocumentJson.Read(document, Schema);
        }
    }

    internal async Task<long> CountAsync(DocumentFilter? filter, string? view, CancellationToken cancellationToken)
    {
        var body = new FilterBody(filter is null ? null : FilterOf(filter));
        return (
            await gateway
                .SendAsync<CountReply>(HttpMethod.Post, _path + "/documents/count" + ViewOf(view, '?'), body, cancellationToken)
                .ConfigureAwait(false)
        ).Count;
    }

    internal async IAsyncEnumerable<KeyValuePair<string, string>> ListMetadataAsync(
        string prefix,
        string? view,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var path = $"{_path}/metadata?prefix={Uri.EscapeDataString(prefix)}{ViewOf(view, '&')}";
        await foreach (var entry in gateway.StreamAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false))
            yield return new(entry.GetProperty("name").GetString()!, entry.GetProperty("value").GetString()!);
    }

    internal async Task CloseViewAsync(string view)
    {
        try
        {
            await gateway
                .SendAsync<JsonElement>(HttpMethod.Delete, $"{_path}/views/{view}", null, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            // The host lets it go by itself.
        }
    }

    private static string ViewOf(string? view, char separator) => view is null ? string.Empty : $"{separator}view={view}";

    private static JsonElement FilterOf(DocumentFilter filter) => ElementOf(json => DocumentFilterJson.Write(json, filter));
}
