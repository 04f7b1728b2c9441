using System.Reflection;
using SearchEngine.Api.Requests;

namespace SearchEngine.Api.Endpoints;

/// <summary>
/// The page: a few files that the program carries, all from here. Its policy allows nothing from elsewhere, and no script in a document
/// can run in it.
/// </summary>
internal static class PageEndpoints
{
    private const string Prefix = "page/";
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private static readonly Dictionary<string, byte[]> Files = Load();

    public static void Map(WebApplication application)
    {
        application.MapGet("/", (HttpContext context) => Send(context, "index.html")).IsOpen().ExcludeFromDescription();
        application.MapGet("/page/{file}", Send).IsOpen().ExcludeFromDescription();
    }

    private static IResult Send(HttpContext context, string file)
    {
        if (!Files.TryGetValue(file, out var content))
            throw RequestException.NotFound("The page has no such file.");
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
        return Results.Bytes(content, Types[Path.GetExtension(file)]);
    }

    private static Dictionary<string, byte[]> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var buffer = new MemoryStream();
            stream.CopyTo(buffer);
            files.Add(name[Prefix.Length..], buffer.ToArray());
        }

        return files;
    }
}
