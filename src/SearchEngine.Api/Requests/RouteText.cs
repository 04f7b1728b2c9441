namespace SearchEngine.Api.Requests;

/// <summary>Routing leaves an escaped slash in a name or key as it is; keys of ingested files are full of slashes.</summary>
internal static class RouteText
{
    public static string Unescape(string text) => text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>Unescapes the values of a request's route.</summary>
    public static Task UnescapeAsync(HttpContext context, RequestDelegate next)
    {
        foreach (var (name, value) in context.Request.RouteValues.ToArray())
        {
            if (value is string text)
                context.Request.RouteValues[name] = Unescape(text);
        }

        return next(context);
    }
}
