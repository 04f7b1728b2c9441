using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using SearchEngine.Hosting;

namespace SearchEngine.Api;

/// <summary>Failures as problem details (RFC 9457): what the caller did wrong with its text, what went wrong inside without.</summary>
internal sealed partial class ProblemHandler(IProblemDetailsService problems, ILogger<ProblemHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
            return true;
        var (status, title, detail) = Describe(exception, context);
        if (status >= 500)
            LogFailure(logger, exception, context.Request.Path);
        context.Response.StatusCode = status;
        return await problems.TryWriteAsync(
            new ProblemDetailsContext
            {
                HttpContext = context,
                ProblemDetails = new ProblemDetails
                {
                    Status = status,
                    Title = title,
                    Detail = detail,
                },
            }
        );
    }

    private static (int Status, string Title, string Detail) Describe(Exception exception, HttpContext context) =>
        exception switch
        {
            SearchDatabaseException { Error: SearchDatabaseError.CollectionNotFound } => (404, "Not found", exception.Message),
            SearchDatabaseException
            {
                Error: SearchDatabaseError.CollectionExists
                    or SearchDatabaseError.SchemaMismatch
                    or SearchDatabaseError.EmbeddingModelMismatch
            } => (409, "Conflict", exception.Message),
            SearchDatabaseException { Error: SearchDatabaseError.NoEmbeddingGenerator } => (400, "No embedding model", exception.Message),
            SearchDatabaseException { Error: SearchDatabaseError.ReadOnly } => (403, "Read-only", exception.Message),
            SearchDatabaseException => (500, "Storage failure", exception.Message),
            BadHttpRequestException { InnerException: JsonException inner } => (
                400,
                "Wrong request",
                $"The body is not what this address takes: {inner.Message}"
            ),
            // ASP.NET's own words for a missing body name parameters of the code.
            BadHttpRequestException bad
                when context.Request.ContentLength is null or 0 && !context.Request.Headers.ContainsKey("Transfer-Encoding") => (
                bad.StatusCode,
                "Wrong request",
                "This address takes a JSON body, and none was sent; GET /openapi/v1.json says which."
            ),
            BadHttpRequestException bad => (bad.StatusCode, "Wrong request", bad.Message),
            HostException => (400, "Wrong request", exception.Message),
            ArgumentException => (400, "Wrong request", exception.Message),
            _ => (500, "Failure", "The request failed inside the host; its log says why."),
        };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed")]
    private static partial void LogFailure(ILogger logger, Exception exception, string path);
}
