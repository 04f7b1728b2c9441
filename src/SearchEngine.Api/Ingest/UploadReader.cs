using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using SearchEngine.Api.Requests;

namespace SearchEngine.Api.Ingest;

/// <summary>Reads the files of a multipart upload into a folder of their own, by their names, which may hold folders.</summary>
internal static class UploadReader
{
    private const int MaxFiles = 2_000;
    private const int MaxNameLength = 500;
    private const int MaxBoundary = 200;

    /// <returns>How many files there were.</returns>
    /// <exception cref="RequestException">The body is no upload of files.</exception>
    public static async Task<int> ReadAsync(HttpRequest request, string folder, CancellationToken cancellationToken)
    {
        if (
            !MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= MaxBoundary } boundary
        )
        {
            throw RequestException.Unsupported("Files are sent as multipart/form-data.");
        }

        try
        {
            var reader = new MultipartReader(boundary.ToString(), request.Body);
            var files = 0;
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                if (section.GetContentDispositionHeader()?.FileName.Value is not { Length: > 0 } name)
                    continue;
                if (++files > MaxFiles)
                    throw RequestException.Wrong($"An upload has at most {MaxFiles} files.");
                var path = PathOf(folder, HeaderUtilities.RemoveQuotes(name).ToString());
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
                await section.Body.CopyToAsync(file, cancellationToken);
            }

            return files > 0 ? files : throw RequestException.Wrong("The upload holds no file.");
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw RequestException.Wrong("The body is no whole multipart upload.");
        }
    }

    /// <summary>Where a file goes: below the folder, whatever its name says.</summary>
    private static string PathOf(string folder, string name)
    {
        var parts = name.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (name.Length > MaxNameLength || parts.Length == 0 || parts.Any(part => part is "." or ".." || part.Any(IsOdd)))
            throw RequestException.Wrong("A file's name leaves its folder, is too long, or holds characters that names do not have.");
        return Path.Combine([folder, .. parts]);
    }

    private static bool IsOdd(char character) => char.IsControl(character) || character is ':' or '*' or '?' or '"' or '<' or '>' or '|';
}
