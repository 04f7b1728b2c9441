using System.Formats.Tar;
using System.Text.Json;
using System.Text.RegularExpressions;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Hosting;

namespace SearchEngine.Api.Serving;

/// <summary>
/// The folder of snapshots: SNAPSHOTS/COLLECTION/NAME. As a file a snapshot is a tar archive of its folder. Thread-safe: what is being
/// made or taken in lies under a name that begins with a dot until it is whole.
/// </summary>
internal sealed partial class SnapshotStore(Settings settings)
{
    private const string SchemaFile = "schema.json";

    /// <exception cref="ArgumentException">The name is no file name everywhere, or leaves its folder.</exception>
    public static void RequireName(string? name)
    {
        if (name is null || !Name().IsMatch(name))
        {
            throw new ArgumentException(
                $"A snapshot's name is 1 to 100 letters, digits, '-', '_' or '.', the first a letter or digit; not '{name}'."
            );
        }
    }

    /// <summary>Makes a snapshot.</summary>
    /// <exception cref="RequestException">There is one of that name.</exception>
    public async Task<SnapshotReply> MakeAsync(SearchCollection collection, string name, CancellationToken cancellationToken)
    {
        var folder = FreeFolder(collection.Name, name);
        await collection.CreateSnapshotAsync(folder, cancellationToken: cancellationToken);
        return ReplyOf(collection.Name, folder);
    }

    /// <summary>The whole snapshots of a collection, by name.</summary>
    public IReadOnlyList<SnapshotReply> List(string collection)
    {
        var folder = new DirectoryInfo(FolderOf(collection));
        return folder.Exists
            ?
            [
                .. folder
                    .EnumerateDirectories()
                    .Where(snapshot => Name().IsMatch(snapshot.Name) && IsWhole(snapshot.FullName))
                    .OrderBy(snapshot => snapshot.Name, StringComparer.Ordinal)
                    .Select(snapshot => ReplyOf(collection, snapshot.FullName)),
            ]
            : [];
    }

    /// <summary>The folder of a whole snapshot.</summary>
    /// <exception cref="RequestException">There is none of that name.</exception>
    public string Find(string collection, string name)
    {
        RequireName(name);
        var folder = Path.Combine(FolderOf(collection), name);
        return IsWhole(folder) ? folder : throw RequestException.NotFound($"Collection '{collection}' has no snapshot '{name}'.");
    }

    /// <summary>Writes a snapshot as a tar archive.</summary>
    public Task SendAsync(string collection, string name, Stream output, CancellationToken cancellationToken) =>
        TarFile.CreateFromDirectoryAsync(Find(collection, name), output, includeBaseDirectory: false, cancellationToken);

    /// <summary>Takes in a tar archive that <see cref="SendAsync"/> wrote, here or on another host.</summary>
    /// <exception cref="ArgumentException">It is no snapshot of the collection.</exception>
    public async Task<SnapshotReply> TakeAsync(string collection, string name, Stream input, CancellationToken cancellationToken)
    {
        var folder = FreeFolder(collection, name);
        var incoming = Path.Combine(FolderOf(collection), "." + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(incoming);
        try
        {
            await ExtractAsync(input, incoming, cancellationToken);
            RequireSnapshotOf(collection, incoming);
            Directory.Move(incoming, folder);
        }
        finally
        {
            if (Directory.Exists(incoming))
                Directory.Delete(incoming, recursive: true);
        }

        return ReplyOf(collection, folder);
    }

    /// <summary>
    /// A snapshot says itself which collection it is of: one that was brought in, or put there by hand, must not become another.
    /// </summary>
    /// <exception cref="ArgumentException">It is of another collection, or it is none.</exception>
    public static void RequireSnapshotOf(string collection, string folder)
    {
        string? name = null;
        try
        {
            var line = File.ReadLines(Path.Combine(folder, SchemaFile)).FirstOrDefault();
            using var schema = JsonDocument.Parse(line ?? string.Empty);
            name = schema.RootElement.GetProperty("schema").GetProperty("name").GetString();
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidOperationException or KeyNotFoundException)
        {
            // Said below.
        }

        if (name != collection)
        {
            throw new ArgumentException(
                name is null ? "This is no snapshot." : $"This is a snapshot of another collection than '{collection}'."
            );
        }
    }

    public void Delete(string collection, string name) => Directory.Delete(Find(collection, name), recursive: true);

    private static async Task ExtractAsync(Stream input, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await using var archive = new TarReader(input, leaveOpen: true);
            while (await archive.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                var target = Path.GetFullPath(Path.Combine(folder, entry.Name));
                if (!target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    if (entry.EntryType == TarEntryType.Directory && target.TrimEnd('/') == folder)
                        continue;
                    throw new InvalidDataException("The archive has an entry outside of its folder.");
                }

                if (entry.EntryType == TarEntryType.Directory)
                {
                    Directory.CreateDirectory(target);
                }
                else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    await entry.ExtractToFileAsync(target, overwrite: false, cancellationToken);
                }
                else
                {
                    throw new InvalidDataException($"The archive has a {entry.EntryType}; a snapshot has files and folders.");
                }
            }
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException)
        {
            throw new InvalidDataException("The body is no tar archive of a snapshot.", e);
        }
    }

    private string FreeFolder(string collection, string name)
    {
        RequireName(name);
        var folder = Path.Combine(FolderOf(collection), name);
        return Directory.Exists(folder)
            ? throw RequestException.Conflict($"Collection '{collection}' has a snapshot '{name}' already; name a new one.")
            : folder;
    }

    private static bool IsWhole(string folder) => File.Exists(Path.Combine(folder, SchemaFile));

    private static SnapshotReply ReplyOf(string collection, string folder)
    {
        var info = new DirectoryInfo(folder);
        return new SnapshotReply(
            collection,
            info.Name,
            info.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length),
            new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(folder, SchemaFile)))
        );
    }

    /// <summary>A collection may have any name, "..", too: dots are written as %2E.</summary>
    private string FolderOf(string collection) =>
        Path.Combine(
            Path.GetFullPath(settings.Api.Snapshots),
            Uri.EscapeDataString(collection).Replace(".", "%2E", StringComparison.Ordinal)
        );

    /// <summary>What is a file name everywhere and leaves no folder.</summary>
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\\z")]
    private static partial Regex Name();
}
