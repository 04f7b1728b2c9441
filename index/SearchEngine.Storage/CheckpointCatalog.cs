using System.Buffers.Binary;
using System.Collections.Concurrent;
using FASTER.core;
using SearchEngine.Storage.Records;

namespace SearchEngine.Storage;

/// <summary>
/// Where FASTER's checkpoints lie. FASTER hands metadata over while it holds its epoch, so nothing is written then: the store
/// takes it (<see cref="TakeMetadata"/>) and writes it afterwards with <see cref="WriteMetadata"/>.
/// Metadata file: magic u64, format version u32, CRC-32C u32 of the rest, length i32, FASTER's bytes.
/// </summary>
internal sealed class CheckpointCatalog(string directory, StorageDisk disk) : ICheckpointManager
{
    private const ulong Magic = 0x544B4843434552;
    private const int HeaderBytes = 20;
    private const int FormatVersion = 1;
    private const string LogPrefix = "checkpoint-";
    private const string IndexPrefix = "index-";
    private const string MetadataSuffix = ".meta";
    private const string ImageSuffix = ".image";

    private readonly ConcurrentDictionary<Guid, byte[]> _taken = new();
    private readonly ConcurrentDictionary<Guid, RecordDevice?> _images = new();

    /// <summary>Whether a file is a checkpoint's metadata, an index image or its sums.</summary>
    public static bool IsOurs(string path)
    {
        var name = Path.GetFileName(path.AsSpan());
        return name.StartsWith(LogPrefix, StringComparison.Ordinal) || name.StartsWith(IndexPrefix, StringComparison.Ordinal);
    }

    public string LogMetadataPath(Guid token) => Path.Combine(directory, LogPrefix + token.ToString("N") + MetadataSuffix);

    public string IndexMetadataPath(Guid token) => Path.Combine(directory, IndexPrefix + token.ToString("N") + MetadataSuffix);

    /// <summary>The files of an index image: its metadata, its data and their sums.</summary>
    public IEnumerable<string> ImageFiles(Guid token) => Directory.EnumerateFiles(directory, IndexPrefix + token.ToString("N") + "*");

    public byte[] TakeMetadata(Guid token) =>
        _taken.TryRemove(token, out var metadata) ? metadata : throw new StorageException($"No checkpoint {token} was taken.", directory);

    /// <summary>Arranges the index image (<see cref="IndexImageOrder"/>), forces it to the disk and closes it.</summary>
    public void FinishImage(Guid token, long tableBytes)
    {
        if (!_images.TryRemove(token, out var image) || image is null)
            throw new StorageException($"No index image {token} was taken.", directory);
        try
        {
            if (IndexImageOrder.Pays(image.GetFileSize(0), tableBytes))
                image.Rewrite(0, content => IndexImageOrder.TryArrange(content, tableBytes));
            image.FlushAll();
        }
        finally
        {
            image.Close();
        }
    }

    /// <summary>Closes images of a checkpoint that failed.</summary>
    public void AbandonImages()
    {
        foreach (var token in _images.Keys)
        {
            if (_images.TryRemove(token, out var image))
                image?.Close();
        }
    }

    public uint WriteMetadata(string path, byte[] metadata)
    {
        var content = new byte[HeaderBytes + metadata.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(content, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(16), metadata.Length);
        metadata.CopyTo(content, HeaderBytes);
        var sum = Checksum.Compute(content.AsSpan(0, 12), content.AsSpan(16));
        BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(12), sum);
        AtomicFile.Write(path, content, disk);
        return sum;
    }

    /// <summary>Reads a metadata file and checks it against the sum that the manifest holds.</summary>
    public static byte[] ReadMetadata(string path, uint expectedSum)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (FileNotFoundException exception)
        {
            throw new StorageCorruptionException($"The checkpoint file '{path}' is missing.", path, innerException: exception);
        }

        if (content.Length < HeaderBytes || BinaryPrimitives.ReadUInt64LittleEndian(content) != Magic)
            throw new StorageCorruptionException($"'{path}' is not a checkpoint file, or its header is damaged.", path);
        var sum = Checksum.Compute(content.AsSpan(0, 12), content.AsSpan(16));
        var sound =
            BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(12)) == sum
            && BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(16)) == content.Length - HeaderBytes;
        var version = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(8));
        if (sound && version > FormatVersion)
            throw new UnsupportedFormatVersionException(path, version, FormatVersion);
        if (!sound || sum != expectedSum)
            throw new StorageCorruptionException($"The checkpoint file '{path}' does not match its checksum.", path);
        return content[HeaderBytes..];
    }

    /// <summary>Deletes the files of checkpoints and index images that are not in the sets.</summary>
    public void DeleteExcept(HashSet<Guid> logTokens, HashSet<Guid> indexTokens)
    {
        foreach (var path in Directory.EnumerateFiles(directory))
        {
            var name = Path.GetFileName(path);
            var (prefix, kept) =
                name.StartsWith(LogPrefix, StringComparison.Ordinal) ? (LogPrefix, logTokens)
                : name.StartsWith(IndexPrefix, StringComparison.Ordinal) ? (IndexPrefix, indexTokens)
                : (null, null);
            if (
                prefix is null
                || name.Length < prefix.Length + 32
                || !Guid.TryParseExact(name.AsSpan(prefix.Length, 32), "N", out var token)
            )
            {
                continue;
            }
            if (!kept!.Contains(token) && !_images.ContainsKey(token))
                disk.Delete(path);
        }
    }

    public IDevice GetIndexDevice(Guid indexToken)
    {
        var writing = _images.ContainsKey(indexToken);
        var device = new RecordDevice(Path.Combine(directory, IndexPrefix + indexToken.ToString("N") + ImageSuffix), disk)
        {
            KeepOpen = writing,
        };
        device.Initialize(-1);
        if (writing)
            _images[indexToken] = device;
        else
            LastReadImage = device;
        return device;
    }

    /// <summary>The image that a recovery read: asked for damage afterwards.</summary>
    public RecordDevice? LastReadImage { get; private set; }

    /// <summary>What a recovery is given instead of the files, which the store has verified.</summary>
    public Dictionary<Guid, byte[]> VerifiedMetadata { get; } = [];

    public void InitializeIndexCheckpoint(Guid indexToken) => _images[indexToken] = null;

    public void InitializeLogCheckpoint(Guid logToken) { }

    public void CommitIndexCheckpoint(Guid indexToken, byte[] commitMetadata) => _taken[indexToken] = commitMetadata;

    public void CommitLogCheckpoint(Guid logToken, byte[] commitMetadata) => _taken[logToken] = commitMetadata;

    public byte[] GetIndexCheckpointMetadata(Guid indexToken) => VerifiedMetadata[indexToken];

    public byte[] GetLogCheckpointMetadata(Guid logToken, DeltaLog deltaLog, bool scanDelta = false, long recoverTo = -1) =>
        VerifiedMetadata[logToken];

    public IEnumerable<Guid> GetIndexCheckpointTokens() => [];

    public IEnumerable<Guid> GetLogCheckpointTokens() => [];

    public void CheckpointVersionShift(long oldVersion, long newVersion) { }

    public void CommitLogIncrementalCheckpoint(Guid logToken, long version, byte[] commitMetadata, DeltaLog deltaLog) => throw NotUsed();

    public IDevice GetSnapshotLogDevice(Guid token) => throw NotUsed();

    public IDevice GetSnapshotObjectLogDevice(Guid token) => throw NotUsed();

    public IDevice GetDeltaLogDevice(Guid token) => null!;

    public void Purge(Guid token) { }

    public void PurgeAll() { }

    public void OnRecovery(Guid indexToken, Guid logToken) { }

    public void Dispose() => AbandonImages();

    private static NotSupportedException NotUsed() => new("Only fold-over checkpoints are taken.");
}
