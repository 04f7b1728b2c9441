using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Client;

/// <summary>Sends requests to a host and turns its problems into the engine's errors. Thread-safe.</summary>
internal sealed class HttpGateway : IDisposable
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static readonly TimeSpan DefaultPause = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http;
    private readonly SearchClientOptions _options;
    private readonly Uri _base;

    public HttpGateway(SearchClientOptions options, HttpClient http)
    {
        _options = options;
        _http = http;
        // Streams last as long as they are read; single requests have a limit of their own.
        _http.Timeout = Timeout.InfiniteTimeSpan;
        var address = options.Address.AbsoluteUri;
        _base = new Uri(address.EndsWith('/') ? address : address + "/");
    }

    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) =>
        SendAsync<T>(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Sends a body, or none, and reads the reply; the default where it has none.</summary>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_options.Timeout);
        try
        {
            using var reply = await SendAsync(method, path, body, HttpCompletionOption.ResponseContentRead, limit.Token)
                .ConfigureAwait(false);
            if (reply.StatusCode == HttpStatusCode.NoContent)
                return default!;
            using var content = await reply.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            return (await JsonSerializer.DeserializeAsync<T>(content, Json, limit.Token).ConfigureAwait(false))!;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The host did not answer within {_options.Timeout.TotalSeconds} seconds.", e);
        }
    }

    /// <summary>Reads a reply of one JSON value a line, as the lines come.</summary>
    public async IAsyncEnumerable<JsonElement> StreamAsync(
        HttpMethod method,
        string path,
        object? body,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var reply = await SendAsync(method, path, body, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            .ConfigureAwait(false);
        using var content = await reply.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var reader = new StreamReader(content);
        while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            yield return JsonSerializer.Deserialize<JsonElement>(line);
    }

    public async Task<HttpStatusCode> ProbeAsync(string path, CancellationToken cancellationToken)
    {
        using var reply = await _http.GetAsync(new Uri(_base, path), cancellationToken).ConfigureAwait(false);
        return reply.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A JSON value that a writer makes.</summary>
    public static JsonElement ElementOf(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return JsonSerializer.Deserialize<JsonElement>(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method,
        string path,
        object? body,
        HttpCompletionOption completion,
        CancellationToken cancellationToken
    )
    {
        var bytes = body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, Json);
        for (var attempt = 0; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, new Uri(_base, path));
            if (_options.ApiKey is { } key)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            if (bytes is not null)
            {
                request.Content = new ByteArrayContent(bytes);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            var reply = await _http.SendAsync(request, completion, cancellationToken).ConfigureAwait(false);
            if (reply.IsSuccessStatusCode)
                return reply;
            using (reply)
            {
                if (reply.StatusCode != HttpStatusCode.TooManyRequests || attempt >= _options.MaxRetries)
                    throw await RemoteProblem.ReadAsync(reply, cancellationToken).ConfigureAwait(false);
                await Task.Delay(reply.Headers.RetryAfter?.Delta ?? DefaultPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
