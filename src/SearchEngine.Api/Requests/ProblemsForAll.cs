using Microsoft.AspNetCore.Mvc;

namespace SearchEngine.Api.Requests;

/// <summary>
/// Writes problems for callers whose Accept header names neither JSON nor anything (an event source, a browser, a scraper): ASP.NET's own
/// writer leaves these without a sentence, and turns their 404 into a 500. It comes behind that one.
/// </summary>
internal sealed class ProblemsForAll : IProblemDetailsWriter
{
    private const string ContentType = "application/problem+json";

    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        problem.Status ??= context.HttpContext.Response.StatusCode;
        problem.Detail ??= ProblemHandler.SentenceOf(problem.Status);
        return new ValueTask(
            context.HttpContext.Response.WriteAsJsonAsync<ProblemDetails>(
                problem,
                (System.Text.Json.JsonSerializerOptions?)null,
                ContentType
            )
        );
    }
}
