using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;

namespace SearchEngine.Embeddings.Cpu.Packing;

/// <summary>
/// The folder of packed weights: a safetensors file for each model and form, <c>KEY.packed.safetensors</c>, with the key and a hash of its
/// sections in the header. Files come by renaming and never change; their time is that of their last use. Nothing here fails: what cannot be
/// read, written or removed is as if it were not there. Thread-safe, also across processes.
/// </summary>
internal sealed unsafe partial class WeightCacheFolder
{
    private const string Ending = ".packed.safetensors";
    private const string KeyField = "key";
    private const string HashField = "hash";
    private const string ModelField = "model";
    private const string FormField = "form";

    /// <summary>What nobody has written to for so long, nobody goes on writing.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly long _maximumBytes;

    private WeightCacheFolder(string folder, long maximumBytes)
    {
        _folder = folder;
        _maximumBytes = maximumBytes;
    }

    /// <summary>The folder that options name; null where nothing is to be kept, or the user has no place for it.</summary>
    public static WeightCacheFolder? Of(WeightCacheOptions options)
    {
        if (options.MaximumBytes <= 0)
            return null;
        var folder =
            !string.IsNullOrEmpty(options.Folder) ? Path.GetFullPath(options.Folder)
            : UserCache.Folder is { } cache ? Path.Combine(cache, "weights")
            : null;
        return folder is null ? null : new WeightCacheFolder(folder, options.MaximumBytes);
    }

    /// <summary>Where the weights of a key lie.</summary>
    public string PathOf(string key) => Path.Combine(_folder, key + Ending);

    /// <summary>Whether a model of so many bytes may be kept, and the folder is there or can be made.</summary>
    public bool Takes(long bytes) => bytes <= _maximumBytes && Try(() => Directory.CreateDirectory(_folder));

    /// <summary>A disk is not filled for this: as much as is written stays free. Where the system does not say, there is room.</summary>
    public bool HasRoom(long bytes)
    {
        var free = long.MaxValue;
        Try(() => free = new DriveInfo(_folder).AvailableFreeSpace);
        return free / 2 >= bytes;
    }

    /// <summary>The weights of a key, every byte verified; null if they are not there. What is damaged is removed.</summary>
    public SafetensorsFile? Open(string key)
    {
        var path = PathOf(key);
        SafetensorsFile? file = null;
        try
        {
            file = SafetensorsFile.Open(path);
            if (file.Metadata.GetValueOrDefault(KeyField) == key && file.Metadata.GetValueOrDefault(HashField) == HashOf(file))
            {
                Try(() => File.SetLastWriteTimeUtc(path, DateTime.UtcNow));
                return file;
            }
        }
        catch (ModelFormatException)
        {
            // damaged
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        file?.Dispose();
        Try(() => File.Delete(path));
        return null;
    }

    /// <summary>Begins to write the weights of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="tensors">About how many tensors they are made of.</param>
    public PackedWriter Begin(string key, int tensors) => new(PathOf(key), tensors, _maximumBytes);

    /// <summary>Keeps what was written, and removes what was used longest ago until the limit is held.</summary>
    /// <returns>Whether it is there now.</returns>
    public bool Complete(PackedWriter writer, string key, string model, string form)
    {
        var written = writer.Complete(sections => new Dictionary<string, string>
        {
            [KeyField] = key,
            [HashField] = HashOf(sections),
            [ModelField] = model,
            [FormField] = form,
        });
        Prune(key);
        return written;
    }

    /// <summary>What is there, that used last first.</summary>
    public IReadOnlyList<CachedWeights> List() => [.. Files().Select(Describe)];

    /// <summary>Removes everything; returns the bytes freed.</summary>
    public long Clear() => Files().Where(Remove).Sum(file => file.Length) + Leftovers(TimeSpan.Zero);

    private void Prune(string newest)
    {
        long kept = 0;
        foreach (var file in Files().OrderByDescending(file => file.Name == newest + Ending))
        {
            kept += file.Length;
            if (kept > _maximumBytes && Remove(file))
                kept -= file.Length;
        }
        Leftovers(Abandoned);
    }

    /// <summary>The cache's files, that used last first.</summary>
    private IReadOnlyList<FileInfo> Files() => [.. Own("*" + Ending).OrderByDescending(file => file.LastWriteTimeUtc)];

    /// <summary>Removes what writers left that were interrupted; returns the bytes freed.</summary>
    private long Leftovers(TimeSpan age) =>
        Own("*" + Ending + ".*.tmp")
            .Where(file => DateTime.UtcNow - file.LastWriteTimeUtc >= age)
            .Select(file => (file.Length, Removed: Remove(file)))
            .Sum(file => file.Removed ? file.Length : 0);

    /// <summary>Files with names that only this class gives, their lengths and times read.</summary>
    private List<FileInfo> Own(string pattern)
    {
        List<FileInfo> files = [];
        Try(() =>
        {
            if (Directory.Exists(_folder))
                files.AddRange(new DirectoryInfo(_folder).EnumerateFiles(pattern));
        });
        files.RemoveAll(file => !OwnName().IsMatch(file.Name) || !file.Exists);
        return files;
    }

    private static bool Remove(FileInfo file) => Try(() => File.Delete(file.FullName));

    private static CachedWeights Describe(FileInfo file)
    {
        var (model, form) = ("", "");
        Try(() =>
        {
            using var content = SafetensorsFile.Open(file.FullName);
            (model, form) = (content.Metadata.GetValueOrDefault(ModelField) ?? "", content.Metadata.GetValueOrDefault(FormField) ?? "");
        });
        return new CachedWeights(file.FullName, model, form, file.Length, file.LastWriteTimeUtc);
    }

    private static string HashOf(SafetensorsFile file)
    {
        SafetensorsEntry[] entries = [.. file.Entries.Values];
        var sections = new PackedSection[entries.Length];
        Parallel.For(
            0,
            entries.Length,
            i =>
            {
                var hash = ContentHash.Of((byte*)file.Pointer(entries[i]), entries[i].Length);
                sections[i] = new PackedSection(entries[i].Name, entries[i].Length, Convert.ToHexStringLower(hash));
            }
        );
        return HashOf(sections);
    }

    /// <summary>Over names, lengths and every byte of the sections.</summary>
    private static string HashOf(IReadOnlyList<PackedSection> sections) =>
        Convert.ToHexStringLower(
            XxHash128.Hash(
                Encoding.UTF8.GetBytes(
                    string.Join(
                        '\n',
                        sections
                            .OrderBy(section => section.Name, StringComparer.Ordinal)
                            .Select(section => $"{section.Name} {section.Bytes} {section.Hash}")
                    )
                )
            )
        );

    private static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or ModelFormatException
                        or ArgumentException
                        or System.Security.SecurityException
            )
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[0-9a-f]{32}\.packed\.safetensors(\.[0-9a-f]{32}\.tmp)?$")]
    private static partial Regex OwnName();
}
