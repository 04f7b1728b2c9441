using SearchEngine.Api.Requests;

namespace SearchEngine.Api.Security;

/// <summary>
/// Finds out who calls (<c>Authorization: Bearer KEY</c> or <c>X-Api-Key: KEY</c>) and lets them do what their key allows. Endpoints that
/// say nothing of what they need are for administrators.
/// </summary>
internal sealed class AccessGuard(RequestDelegate next, ApiKeyRing keys)
{
    private const string Bearer = "Bearer ";
    private const string KeyHeader = "X-Api-Key";

    public Task InvokeAsync(HttpContext context)
    {
        var presented = Presented(context.Request);
        var caller =
            keys.IsEmpty ? Caller.Anyone
            : presented is null ? Caller.Nobody
            : keys.Find(presented);
        if (caller is null)
            return RefuseAsync(context, "The API key is not one that opens this host.");
        context.Features.Set(caller);
        // What is no endpoint of the host's is the router's own refusal (405): it does nothing.
        if (context.GetEndpoint() is not RouteEndpoint)
            return next(context);
        var rules = EndpointRules.Of(context);
        var needed = rules?.Access ?? Access.Admin;
        if (caller.Access < needed)
        {
            return ReferenceEquals(caller, Caller.Nobody)
                ? RefuseAsync(context, "This address needs an API key: send it as 'Authorization: Bearer KEY'.")
                : throw RequestException.Forbidden(
                    $"The API key '{caller.Name}' allows to {Verb(caller.Access)}; this needs {Name(needed)}."
                );
        }

        if (rules?.IsOfAll == true && caller.Scope.Count > 0)
        {
            throw RequestException.Forbidden(
                $"The API key '{caller.Name}' opens some collections; this tells of all, and needs a key that is not limited."
            );
        }

        if (context.Request.RouteValues.TryGetValue("name", out var name) && name is string collection)
            RequireScope(caller, collection);
        return next(context);
    }

    /// <exception cref="RequestException">The collection, there or not, is not open to the caller.</exception>
    public static void RequireScope(Caller caller, string collection)
    {
        if (!caller.MaySee(collection))
            throw RequestException.Forbidden($"The API key '{caller.Name}' does not open collection '{collection}'.");
    }

    private static string? Presented(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[Bearer.Length..].Trim();
        return request.Headers.TryGetValue(KeyHeader, out var key) ? key.ToString() : null;
    }

    private static string Verb(Access access) =>
        access == Access.Read ? "read"
        : access == Access.Write ? "read and write"
        : "do anything";

    private static string Name(Access access) => access == Access.Admin ? "an admin key" : $"a {access.ToString().ToLowerInvariant()} key";

    private static Task RefuseAsync(HttpContext context, string detail)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        throw new RequestException(StatusCodes.Status401Unauthorized, "Unauthorized", detail);
    }
}
