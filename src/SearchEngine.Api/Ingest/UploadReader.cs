using System.Buffers;
using System.Text;
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
    private const int CopyBytes = 64 << 10;

    /// <summary>Bytes of a name between slashes: as many as the usual file systems take.</summary>
    private const int MaxPartBytes = 255;

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

        var reader = new MultipartReader(boundary.ToString(), request.Body);
        var files = 0;
        while (await ReadAsync(() => reader.ReadNextSectionAsync(cancellationToken)) is { } section)
        {
            if (section.GetContentDispositionHeader()?.FileName.Value is not { Length: > 0 } name)
                continue;
            if (++files > MaxFiles)
                throw RequestException.Wrong($"An upload has at most {MaxFiles} files.");
            await using var file = Create(PathOf(folder, HeaderUtilities.RemoveQuotes(name).ToString()));
            await CopyAsync(section.Body, file, cancellationToken);
        }

        return files > 0 ? files : throw RequestException.Wrong("The upload holds no file.");
    }

    private static async Task CopyAsync(Stream body, FileStream file, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            while (await ReadAsync(() => body.ReadAsync(buffer, cancellationToken).AsTask()) is > 0 and var count)
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads of the body: what goes wrong here is the caller's, unlike what goes wrong with the files.</summary>
    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw RequestException.Wrong("The body is no whole multipart upload.");
        }
    }

    /// <summary>A new file: one that another of the upload would replace, or stand in the way of, would be lost unsaid.</summary>
    private static FileStream Create(string path)
    {
        for (var parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (File.Exists(parent))
                throw Clash();
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return Path.Exists(path) ? throw Clash() : new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);

        static RequestException Clash() =>
            RequestException.Wrong("Two files of the upload have the same name, or one has the name of another's folder.");
    }

    /// <summary>Where a file goes: below the folder, whatever its name says.</summary>
    private static string PathOf(string folder, string name)
    {
        var parts = name.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (
            name.Length > MaxNameLength
            || parts.Length == 0
            || parts.Any(part => part is "." or ".." || part.Any(IsOdd) || Encoding.UTF8.GetByteCount(part) > MaxPartBytes)
        )
        {
            throw RequestException.Wrong("A file's name leaves its folder, is too long, or holds characters that names do not have.");
        }

        return Path.Combine([folder, .. parts]);
    }

    private static bool IsOdd(char character) => char.IsControl(character) || character is ':' or '*' or '?' or '"' or '<' or '>' or '|';
}
