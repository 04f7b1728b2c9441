using System.Collections.Concurrent;
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

    /// <summary>Characters of an entry's name in an archive: snapshots have short ones.</summary>
    private const int MaxEntryName = 500;

    private const int MaxPart = 100;

    /// <summary>Folders that are being made or taken in.</summary>
    private readonly ConcurrentDictionary<string, bool> _making = new(StringComparer.Ordinal);

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
        var folder = TakeFolder(collection.Name, name);
        try
        {
            await collection.CreateSnapshotAsync(folder, cancellationToken: cancellationToken);
            return ReplyOf(collection.Name, folder);
        }
        finally
        {
            _making.TryRemove(folder, out _);
        }
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
                    .Select(snapshot => ReplyUnlessDeleted(collection, snapshot.FullName))
                    .OfType<SnapshotReply>(),
            ]
            : [];
    }

    /// <summary>The folder of a whole snapshot.</summary>
    /// <exception cref="RequestException">There is none of that name.</exception>
    public string Find(string collection, string name)
    {
        RequireName(name);
        var folder = Path.Combine(FolderOf(collection), name);
        return IsWhole(folder) ? folder : throw NotFound(collection, name);
    }

    /// <summary>Writes a snapshot as a tar archive.</summary>
    public Task SendAsync(string collection, string name, Stream output, CancellationToken cancellationToken) =>
        TarFile.CreateFromDirectoryAsync(Find(collection, name), output, includeBaseDirectory: false, cancellationToken);

    /// <summary>Takes in a tar archive that <see cref="SendAsync"/> wrote, here or on another host.</summary>
    /// <exception cref="ArgumentException">It is no snapshot of the collection.</exception>
    public async Task<SnapshotReply> TakeAsync(string collection, string name, Stream input, CancellationToken cancellationToken)
    {
        var folder = TakeFolder(collection, name);
        var incoming = Path.Combine(FolderOf(collection), "." + Guid.NewGuid().ToString("N"));
        try
        {
            Directory.CreateDirectory(incoming);
            await ExtractAsync(input, incoming, cancellationToken);
            RequireSnapshotOf(collection, incoming);
            Directory.Move(incoming, folder);
        }
        finally
        {
            _making.TryRemove(folder, out _);
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

    /// <summary>Deletes a snapshot: first its name, so that no part of it is ever taken for the whole.</summary>
    /// <exception cref="RequestException">There is none of that name.</exception>
    public void Delete(string collection, string name)
    {
        var folder = Find(collection, name);
        var outgoing = Path.Combine(FolderOf(collection), "." + Guid.NewGuid().ToString("N"));
        try
        {
            Directory.Move(folder, outgoing);
        }
        catch (DirectoryNotFoundException)
        {
            throw NotFound(collection, name);
        }

        Directory.Delete(outgoing, recursive: true);
    }

    /// <summary>
    /// Opens a copy of a snapshot, apart from the database: whether it can be restored is known before anything is deleted for it, and a
    /// damaged one leaves no damaged collection.
    /// </summary>
    /// <param name="folder">The snapshot's folder.</param>
    /// <param name="options">The database's options.</param>
    /// <param name="cancellationToken">Ends the trial.</param>
    /// <exception cref="RequestException">The snapshot is damaged.</exception>
    public async Task TryAsync(string folder, SearchDatabaseOptions options, CancellationToken cancellationToken)
    {
        var trial = Path.Combine(Path.GetFullPath(settings.Api.Snapshots), ".trial-" + Guid.NewGuid().ToString("N"));
        try
        {
            await using var database = await SearchDatabase.OpenAsync(options with { Directory = trial }, cancellationToken);
            await database.RestoreCollectionAsync(folder, cancellationToken);
        }
        catch (SearchDatabaseException e) when (e.Error is SearchDatabaseError.Corrupt or SearchDatabaseError.UnsupportedFormat)
        {
            throw new RequestException(
                StatusCodes.Status409Conflict,
                "Conflict",
                "The snapshot is damaged or of a newer version, so that nothing was restored and nothing was deleted for it.",
                e
            );
        }
        finally
        {
            if (Directory.Exists(trial))
                Directory.Delete(trial, recursive: true);
        }
    }

    private static async Task ExtractAsync(Stream input, string folder, CancellationToken cancellationToken)
    {
        try
        {
            await using var archive = new TarReader(input, leaveOpen: true);
            while (await archive.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                if (
                    entry.Name.Length > MaxEntryName
                    || entry.Name.Split('/').Any(part => part.Length > MaxPart || part.Contains('\0', StringComparison.Ordinal))
                )
                {
                    throw new ArgumentException("The archive has an entry whose name is none of a snapshot's.");
                }

                var target = Path.GetFullPath(Path.Combine(folder, entry.Name));
                if (!target.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                {
                    if (entry.EntryType == TarEntryType.Directory && target.TrimEnd('/') == folder)
                        continue;
                    throw new ArgumentException("The archive has an entry outside of its folder.");
                }

                if (entry.EntryType == TarEntryType.Directory)
                {
                    if (File.Exists(target))
                        throw new ArgumentException("The archive has two entries of one name.");
                    Directory.CreateDirectory(target);
                }
                else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                {
                    if (Path.Exists(target) || File.Exists(Path.GetDirectoryName(target)))
                        throw new ArgumentException("The archive has two entries of one name.");
                    Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                    await entry.ExtractToFileAsync(target, overwrite: false, cancellationToken);
                }
                else
                {
                    throw new ArgumentException($"The archive has a {entry.EntryType}; a snapshot has files and folders.");
                }
            }
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException or InvalidDataException)
        {
            throw new ArgumentException("The body is no tar archive of a snapshot.", e);
        }
    }

    /// <summary>The folder of a snapshot that is not there yet, for whoever asks first.</summary>
    private string TakeFolder(string collection, string name)
    {
        RequireName(name);
        var folder = Path.Combine(FolderOf(collection), name);
        if (_making.TryAdd(folder, true))
        {
            if (!Directory.Exists(folder))
                return folder;
            _making.TryRemove(folder, out _);
        }

        throw RequestException.Conflict($"Collection '{collection}' has a snapshot '{name}' already; name a new one.");
    }

    private static RequestException NotFound(string collection, string name) =>
        RequestException.NotFound($"Collection '{collection}' has no snapshot '{name}'.");

    private static bool IsWhole(string folder) => File.Exists(Path.Combine(folder, SchemaFile));

    // A list is made beside deletions: what goes while it is looked at is not in it.
    private static SnapshotReply? ReplyUnlessDeleted(string collection, string folder)
    {
        try
        {
            return ReplyOf(collection, folder);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

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
