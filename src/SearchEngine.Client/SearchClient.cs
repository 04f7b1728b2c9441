using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using SearchEngine.Api.Contracts;

namespace SearchEngine.Client;

/// <summary>
/// A SearchEngine host over HTTP, called like a <see cref="SearchDatabase"/>: its collections are <see cref="ISearchCollection"/>s, so that
/// a program moves to a server by one line. Errors are those of the engine (<see cref="ArgumentException"/>,
/// <see cref="SearchDatabaseException"/>), <see cref="UnauthorizedAccessException"/> where the key does not suffice, and
/// <see cref="HttpRequestException"/> for the rest. Thread-safe; keep one and dispose it at the end.
/// </summary>
public sealed class SearchClient : IDisposable
{
    private readonly HttpGateway _gateway;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    public SearchClient(SearchClientOptions options)
        : this(options, new HttpClient()) { }

    /// <summary>Makes a client over an HTTP client of the caller's (with its handlers); disposed with this one.</summary>
    public SearchClient(SearchClientOptions options, HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(http);
        _gateway = new HttpGateway(options, http);
    }

    /// <summary>Names of the collections that the key opens, in ordinal order.</summary>
    public async IAsyncEnumerable<string> ListCollectionsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? after = null;
        do
        {
            var page = await _gateway
                .GetAsync<CollectionPage>("collections" + (after is null ? "" : "?after=" + Uri.EscapeDataString(after)), cancellationToken)
                .ConfigureAwait(false);
            foreach (var collection in page.Collections)
                yield return collection.Name;
            after = page.Next;
        } while (after is not null);
    }

    /// <summary>A collection of the host.</summary>
    /// <exception cref="SearchDatabaseException">There is none of that name.</exception>
    public async Task<ISearchCollection> GetCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var reply = await _gateway.GetAsync<CollectionReply>(PathOf(name), cancellationToken).ConfigureAwait(false);
        return new RemoteCollection(_gateway, SchemaOf(reply));
    }

    /// <summary>
    /// The collection of the schema's name, made where it is not there; a stored schema must agree. Which model embeds its texts is the
    /// host's to say: <see cref="CollectionSchema.EmbeddingModel"/> is passed over.
    /// </summary>
    /// <exception cref="SearchDatabaseException">The stored schema differs; the message names the field.</exception>
    public async Task<ISearchCollection> GetOrCreateCollectionAsync(CollectionSchema schema, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var body = new CollectionBody(
            [.. schema.Fields.Select(FieldBody.Of)],
            null,
            [.. schema.Vectors.Select(VectorBody.Of)],
            schema.KeyKind,
            schema.Analyzer
        );
        var reply = await _gateway
            .SendAsync<CollectionReply>(HttpMethod.Put, PathOf(schema.Name), body, cancellationToken)
            .ConfigureAwait(false);
        return new RemoteCollection(_gateway, SchemaOf(reply));
    }

    /// <summary>Deletes a collection with all its files; false where there was none.</summary>
    public async Task<bool> DeleteCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        try
        {
            await _gateway.SendAsync<JsonElement>(HttpMethod.Delete, PathOf(name), null, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.CollectionNotFound)
        {
            return false;
        }
    }

    /// <summary>Whether the host takes requests now.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken = default) =>
        await _gateway.ProbeAsync("health/ready", cancellationToken).ConfigureAwait(false) == HttpStatusCode.OK;

    /// <inheritdoc />
    public void Dispose() => _gateway.Dispose();

    internal static string PathOf(string collection) =>
        collection is "." or ".."
            ? throw new ArgumentException($"A collection named '{collection}' has no address on a host: an address has no such segment.")
            : "collections/" + Uri.EscapeDataString(collection);

    internal static CollectionSchema SchemaOf(CollectionReply reply) =>
        new()
        {
            Name = reply.Name,
            KeyKind = reply.KeyKind,
            Analyzer = reply.Analyzer ?? CollectionSchema.DefaultAnalyzer,
            EmbeddingModel = reply.Model,
            Fields = [.. reply.Fields.Select(field => field.ToField())],
            Vectors = [.. reply.Vectors.Select(vector => vector.ToField(null))],
        };
}
