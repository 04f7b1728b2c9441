namespace SearchEngine.Storage;

/// <summary>
/// Names a state of a <see cref="RecordStore"/> on disk: everything needed to recover it, small enough for a manifest.
/// Serialise it with <see cref="CheckpointManifest"/> or any JSON serialiser.
/// </summary>
public sealed record RecordCheckpoint
{
    /// <summary>The checkpoint's id; its metadata file carries it in its name.</summary>
    public required Guid Token { get; init; }

    /// <summary>The id of the hash index image to start from, or empty: then recovery reads the whole log.</summary>
    public Guid IndexToken { get; init; }

    /// <summary>The end of the log when that image was taken: recovery reads what comes after it.</summary>
    public long IndexTailAddress { get; init; }

    /// <summary>The first address of the log that is needed.</summary>
    public required long BeginAddress { get; init; }

    /// <summary>The address after the last record.</summary>
    public required long TailAddress { get; init; }

    /// <summary>The checksum of the last block before <see cref="TailAddress"/>, which later writes extend.</summary>
    public uint TailBlockSum { get; init; }

    /// <summary>The CRC-32C of the checkpoint's metadata.</summary>
    public uint MetadataSum { get; init; }

    /// <summary>The CRC-32C of the index image's metadata.</summary>
    public uint IndexMetadataSum { get; init; }

    /// <summary>The number of changes so far.</summary>
    public long Sequence { get; init; }

    /// <summary>Bytes per page of the log; records do not cross pages.</summary>
    public required int PageBytes { get; init; }

    /// <summary>Bytes per data file.</summary>
    public required long SegmentBytes { get; init; }

    /// <summary>The spaces that hold long values, and how many were written.</summary>
    public IReadOnlyDictionary<byte, long> LongValues { get; init; } = new Dictionary<byte, long>();

    /// <summary>Live bytes of the log when they were last measured, or 0.</summary>
    public long CompactedBytes { get; init; }

    /// <summary>Keys in the index at that moment, or 0.</summary>
    public long CompactedKeys { get; init; }
}
