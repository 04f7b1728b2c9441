using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Storage;

/// <summary>
/// Names a state of a collection that is whole on disk: all views hold everything before <see cref="LogAddress"/>. It is written last
/// at a checkpoint. File: magic u64, format version u32, length u32, CRC-32C u32 of these 16 bytes, CRC-32C u32 of the JSON, then the JSON.
/// Files are numbered; the one before the newest is kept.
/// </summary>
public sealed record CheckpointManifest
{
    /// <summary>The newest format version that this library reads and writes.</summary>
    public const int CurrentFormatVersion = 2;

    private const ulong Magic = 0x5453464E414D4553;
    private const int HeaderBytes = 24;
    private const string Prefix = "MANIFEST-";
    private const int KeptFiles = 2;

    /// <summary>
    /// The format version of the file it was read from, or is to be written with: 1, or 2 where <see cref="Properties"/> hold what a build
    /// that knows only version 1 must not pass over.
    /// </summary>
    [JsonIgnore]
    public int FormatVersion { get; init; } = 1;

    /// <summary>The number of the file it was read from, or 0.</summary>
    [JsonIgnore]
    public long Number { get; init; }

    /// <summary>Everything before this address of the write log is in all views.</summary>
    public required long LogAddress { get; init; }

    /// <summary>The state of the record store.</summary>
    public required RecordCheckpoint Records { get; init; }

    /// <summary>The generation of the lexical index's commit.</summary>
    public long LexicalGeneration { get; init; }

    /// <summary>Whatever else the engine notes.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Reads the newest manifest of a directory, or null where there is none. A newest file that is provably torn (shorter than its
    /// sound header says, or than a header) counts as not written, and the one before it is read; any other damage is an error.
    /// </summary>
    /// <exception cref="StorageCorruptionException">The newest manifest is damaged.</exception>
    /// <exception cref="UnsupportedFormatVersionException">A newer version of the library wrote it.</exception>
    public static CheckpointManifest? ReadNewest(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            return null;
        var files = List(directory);
        for (var i = files.Count - 1; i >= 0; i--)
        {
            if (TryRead(files[i].Path, files[i].Number) is { } manifest)
                return manifest;
            if (i == 0)
            {
                throw new StorageCorruptionException(
                    $"The checkpoint manifest '{files[i].Path}' is cut off and there is no earlier one.",
                    files[i].Path
                );
            }
        }

        return null;
    }

    /// <summary>Whether a directory holds manifests, sound or not.</summary>
    internal static bool IsIn(string directory) => Directory.Exists(directory) && List(directory).Count > 0;

    /// <summary>
    /// Writes the manifest as the newest of the directory, durable when the call returns, and deletes all but it and the one before.
    /// </summary>
    /// <exception cref="StorageException">It cannot be written; the ones before are untouched.</exception>
    public void Write(string directory) => Write(directory, StorageDisk.Real);

    internal void Write(string directory, StorageDisk disk)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        disk.CreateDirectory(directory);
        var json = JsonSerializer.SerializeToUtf8Bytes(this, StorageJson.Default.CheckpointManifest);
        var content = new byte[HeaderBytes + json.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(content, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(12), json.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(16), Checksum.Compute(content.AsSpan(0, 16)));
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(20), Checksum.Compute(json));
        json.CopyTo(content, HeaderBytes);
        var files = List(directory);
        var number = files.Count == 0 ? 1 : files[^1].Number + 1;
        AtomicFile.Write(
            System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number:D12}")),
            content,
            disk
        );
        try
        {
            foreach (var (_, path) in files.SkipLast(KeptFiles - 1))
                disk.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"An old manifest in '{directory}' cannot be deleted: {exception.Message}", directory, exception);
        }
    }

    private static List<(long Number, string Path)> List(string directory)
    {
        var result = new List<(long Number, string Path)>();
        foreach (var path in Directory.EnumerateFiles(directory, Prefix + "*"))
        {
            if (
                long.TryParse(
                    System.IO.Path.GetFileName(path.AsSpan())[Prefix.Length..],
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var number
                )
            )
            {
                result.Add((number, path));
            }
        }

        result.Sort();
        return result;
    }

    /// <summary>The manifest, or null where the file is torn.</summary>
    private static CheckpointManifest? TryRead(string path, long number)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The checkpoint manifest '{path}' cannot be read: {exception.Message}", path, exception);
        }

        if (content.Length < HeaderBytes)
            return null;
        if (
            BinaryPrimitives.ReadUInt64LittleEndian(content) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(16)) != Checksum.Compute(content.AsSpan(0, 16))
        )
        {
            throw new StorageCorruptionException($"The header of the checkpoint manifest '{path}' is damaged.", path);
        }
        var version = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(8));
        if (version > CurrentFormatVersion)
            throw new UnsupportedFormatVersionException(path, version, CurrentFormatVersion);
        var length = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(12));
        if (content.Length - HeaderBytes < length)
            return null;
        var json = content.AsSpan(HeaderBytes);
        if (json.Length != length || BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(20)) != Checksum.Compute(json))
            throw new StorageCorruptionException($"The checkpoint manifest '{path}' does not match its checksum.", path);
        try
        {
            var manifest = ManifestReader.ReadManifest(json);
            return manifest with { FormatVersion = version, Number = number };
        }
        catch (JsonException exception)
        {
            throw new StorageCorruptionException($"The checkpoint manifest '{path}' is not valid JSON.", path, innerException: exception);
        }
    }
}

/// <summary>JSON of the manifest, generated at compile time.</summary>
[JsonSerializable(typeof(CheckpointManifest))]
internal sealed partial class StorageJson : JsonSerializerContext;
