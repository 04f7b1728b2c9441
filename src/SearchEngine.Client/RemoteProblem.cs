using System.Net;
using System.Text.Json;

namespace SearchEngine.Client;

/// <summary>The host's problem details as the errors that the engine has in a program's own process.</summary>
internal static class RemoteProblem
{
    public static async Task<Exception> ReadAsync(HttpResponseMessage reply, CancellationToken cancellationToken)
    {
        var content = await reply.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        var (detail, error, key) = Parse(content);
        var message = detail ?? $"The host answered {(int)reply.StatusCode}.";
        if (Enum.TryParse<SearchDatabaseError>(error, ignoreCase: true, out var kind))
            return new SearchDatabaseException(kind, message) { Key = key };
        return reply.StatusCode switch
        {
            HttpStatusCode.BadRequest => new ArgumentException(message),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new UnauthorizedAccessException(message),
            HttpStatusCode.Conflict => new ObjectDisposedException(nameof(SearchCollection), message),
            HttpStatusCode.Gone => new SearchDatabaseException(SearchDatabaseError.SnapshotTooOld, message),
            var status => new HttpRequestException(message, null, status),
        };
    }

    private static (string? Detail, string? Error, RecordKey? Key) Parse(string content)
    {
        try
        {
            using var problem = JsonDocument.Parse(content);
            var root = problem.RootElement;
            return (
                root.TryGetProperty("detail", out var detail) ? detail.GetString() : null,
                root.TryGetProperty("error", out var error) ? error.GetString() : null,
                root.TryGetProperty("key", out var key) ? KeyOf(key) : null
            );
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A proxy's page.
            return (null, null, null);
        }
    }

    private static RecordKey? KeyOf(JsonElement key)
    {
        if (key.ValueKind == JsonValueKind.String)
            return RecordKey.From(key.GetString()!);
        return key.TryGetInt64(out var number) ? RecordKey.From(number) : (RecordKey?)null;
    }
}
