using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using SearchEngine.Distributed.Log;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Requests;

/// <summary>
/// Failures as problem details (RFC 9457): what the caller did wrong with one sentence about it, what went wrong inside without; never a
/// folder of this machine or a name of the code. "error" is the engine's own word for what it said.
/// </summary>
internal sealed partial class ProblemHandler(IProblemDetailsService problems, PublicText text, ILogger<ProblemHandler> logger)
    : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
            return true;
        var (status, title, detail) = Describe(exception, context);
        if (exception is SearchDatabaseException { Error: SearchDatabaseError.ShardUnavailable } missing)
            LogMissing(logger, context.Request.Method, context.Request.Path, missing.Message, missing.GetBaseException().Message);
        else if (status == StatusCodes.Status500InternalServerError || IsOfDisk(exception))
            LogFailure(logger, exception, context.Request.Method, context.Request.Path);
        context.Response.StatusCode = status;
        switch (status)
        {
            case StatusCodes.Status401Unauthorized:
                context.Response.Headers.WWWAuthenticate = "Bearer";
                break;
            case StatusCodes.Status408RequestTimeout:
                context.Response.Headers.Connection = "close";
                break;
            case StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable:
                context.Response.Headers.RetryAfter = "1";
                break;
        }

        var problem = new ProblemDetails
        {
            Status = status,
            Title = title,
            Detail = text.Of(detail),
        };
        if (exception is SearchDatabaseException failure)
        {
            problem.Extensions["error"] = JsonNamingPolicy.CamelCase.ConvertName(failure.Error.ToString());
            if (failure.Key is { } key)
                problem.Extensions["key"] = key.Value;
        }

        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem });
    }

    /// <summary>The status, the title and the sentence for an exception; for the parts of a batch too.</summary>
    public static (int Status, string Title, string Detail) Describe(Exception exception, HttpContext context) =>
        exception switch
        {
            RequestException refused => (refused.Status, refused.Title, refused.Message),
            // The collection was closed under the request (deleted, restored, repaired, opened anew); whichever part of it met that says so.
            _ when IsOfClosed(exception) => (
                409,
                "Conflict",
                "The collection was deleted, repaired or opened anew while the request ran; try again."
            ),
            SearchDatabaseException failure => Describe(failure),
            BadHttpRequestException { InnerException: JsonException inner } => (400, "Wrong request", JsonErrorText.Of(inner)),
            JsonException json => (400, "Wrong request", JsonErrorText.Of(json)),
            BadHttpRequestException { StatusCode: 413 } => (413, "Too large", "The body is larger than this host takes."),
            // ASP.NET's own words for a missing body name parameters of the code.
            BadHttpRequestException bad
                when context.Request.ContentLength is null or 0 && !context.Request.Headers.ContainsKey("Transfer-Encoding") => (
                bad.StatusCode,
                "Wrong request",
                HttpMethods.IsGet(context.Request.Method)
                    ? "A value in the address is missing or not of its kind; GET /openapi/v1.json says which there are."
                    : "This address takes a JSON body, and none was sent; GET /openapi/v1.json says which."
            ),
            BadHttpRequestException bad => (
                bad.StatusCode,
                "Wrong request",
                "The request is not what this address takes; GET /openapi/v1.json says what it does."
            ),
            HostException or FormatException or ArgumentException or InvalidDataException => (400, "Wrong request", exception.Message),
            // A full disk, a folder without permissions: nothing that the caller could do, and perhaps soon over.
            _ when IsOfDisk(exception) => (503, "Storage failure", "The host's disk refused; its log says why."),
            OperationCanceledException => (504, "Too slow", "The request took longer than this host gives it; ask for less."),
            _ => (500, "Failure", "The request failed inside the host; its log says why."),
        };

    /// <summary>What to say of a status that came without a sentence: from routing and from the server itself.</summary>
    public static string? SentenceOf(int? status) =>
        status switch
        {
            StatusCodes.Status404NotFound => "There is nothing at this address; GET /openapi/v1.json says what there is.",
            StatusCodes.Status405MethodNotAllowed => "This address does not take this method; GET /openapi/v1.json says which it does.",
            StatusCodes.Status415UnsupportedMediaType => "This address takes JSON: send it with Content-Type: application/json.",
            StatusCodes.Status504GatewayTimeout => "The request took longer than this host gives it; ask for less.",
            _ => null,
        };

    private static bool IsOfDisk(Exception exception) =>
        exception is IOException and not BadHttpRequestException or UnauthorizedAccessException;

    private static bool IsOfClosed(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is ObjectDisposedException)
                return true;
        }

        return false;
    }

    private static (int Status, string Title, string Detail) Describe(SearchDatabaseException failure) =>
        failure.Error switch
        {
            SearchDatabaseError.CollectionNotFound => (404, "Not found", failure.Message),
            SearchDatabaseError.CollectionExists or SearchDatabaseError.SchemaMismatch or SearchDatabaseError.EmbeddingModelMismatch => (
                409,
                "Conflict",
                failure.Message
            ),
            SearchDatabaseError.VersionConflict => (412, "Precondition failed", failure.Message),
            // What the log says names servers that are nobody's business outside.
            SearchDatabaseError.ShardUnavailable when failure.InnerException is SharedLogException => (
                503,
                "Cluster unavailable",
                "The cluster's log does not answer; the host's own log says why."
            ),
            SearchDatabaseError.ShardUnavailable => (503, "Shard unavailable", failure.Message),
            SearchDatabaseError.OneMachineOnly => (400, "Not in a cluster", failure.Message),
            SearchDatabaseError.SnapshotTooOld => (410, "Gone", failure.Message),
            SearchDatabaseError.NoEmbeddingGenerator => (400, "No embedding model", failure.Message),
            SearchDatabaseError.ReadOnly => (403, "Read-only", "This collection cannot be changed: it was opened read-only."),
            SearchDatabaseError.Storage => (503, "Storage failure", "The host's disk refused; its log says why."),
            SearchDatabaseError.Corrupt => (
                500,
                "Damaged",
                "The collection's files are damaged; the host's log says where. Verify it, then repair it."
            ),
            SearchDatabaseError.UnsupportedFormat => (
                500,
                "Newer format",
                "The collection was written by a newer version of this program."
            ),
            _ => (500, "Failure", "The request failed inside the host; its log says why."),
        };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailure(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} was not answered: {Why} ({Cause})")]
    private static partial void LogMissing(ILogger logger, string method, string path, string why, string cause);
}
