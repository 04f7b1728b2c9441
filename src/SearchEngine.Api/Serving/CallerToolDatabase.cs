using SearchEngine.Api.Security;
using SearchEngine.Hosting;
using SearchEngine.Ingestion;
using SearchEngine.Mcp;

namespace SearchEngine.Api.Serving;

/// <summary>The host's collections as the tools of the Model Context Protocol see them: as far as the caller of the request may.</summary>
internal sealed class CallerToolDatabase(OpenedDatabase database, Settings settings, IHttpContextAccessor accessor) : IToolDatabase
{
    public string DefaultCollection => settings.Collection;

    public ChunkerOptions Chunking => database.Chunking;

    /// <summary>Without a request the tools are spoken to over stdio, by whoever started the program.</summary>
    private Caller Caller => accessor.HttpContext is { } context ? Caller.Of(context) : Caller.Anyone;

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await database.Database.ListCollectionsAsync(cancellationToken)).Where(Caller.MaySee)];

    public async Task<ISearchCollection> OpenAsync(string name, CancellationToken cancellationToken)
    {
        RequireScope(name);
        return await database.GetAsync(name, Caller, cancellationToken);
    }

    public async Task<ISearchCollection> OpenForWritingAsync(string name, CancellationToken cancellationToken)
    {
        RequireScope(name);
        if (Caller.Access < Access.Write)
            throw new UnauthorizedAccessException($"The API key '{Caller.Name}' allows to read; this needs a write key.");
        return await database.GetOrMakeForTextsAsync(name, Caller, cancellationToken);
    }

    private void RequireScope(string name)
    {
        if (!Caller.MaySee(name))
            throw new UnauthorizedAccessException($"The API key '{Caller.Name}' does not open collection '{name}'.");
    }
}
