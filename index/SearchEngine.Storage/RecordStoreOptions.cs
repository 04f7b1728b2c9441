using System.Numerics;

namespace SearchEngine.Storage;

/// <summary>How a <see cref="RecordStore"/> uses memory and disk. Copied in at opening.</summary>
public sealed record RecordStoreOptions
{
    /// <summary>256 MB: a million records of a vector index with their hash table, and a log of 128 MB.</summary>
    public const long DefaultMemoryBytes = 256L << 20;

    /// <summary>
    /// The hash index's part of the memory: with 256 MB room for 1.8 million keys in its buckets, and further ones behind those. It is
    /// read whole at opening.
    /// </summary>
    private const int IndexShare = 16;

    /// <summary>A closing checkpoint writes an image of the hash index for this much of the log, which opening would read otherwise.</summary>
    private const long LeastClosingImageBytes = 4L << 20;

    /// <summary>The least memory that works: 16 pages of 64 KB and an index.</summary>
    public const long MinimumMemoryBytes = 4L << 20;

    /// <summary>64 MB: between index images recovery reads at least this much.</summary>
    private const long LeastImageBytes = 64L << 20;

    private const long MinimumSegmentBytes = 1L << 20;
    private const long LargestDefaultSegmentBytes = 64L << 20;
    private const int SegmentsInMemory = 8;

    /// <summary>1 MB: large enough for parts of long values, small enough for 16 pages in a small memory.</summary>
    public const int DefaultPageBytes = 1 << 20;

    private const int MinimumPageBytes = 64 << 10;
    private const int MinimumPages = 16;

    /// <summary>Memory for the log and the hash index, in bytes. Data may be larger. A sixteenth goes to the index.</summary>
    public long MemoryBytes { get; init; } = DefaultMemoryBytes;

    /// <summary>
    /// Bytes per data file, the unit in which compaction gives space back; a power of two of at least 1 MB. Fixed when the store is
    /// created. Default: an eighth of the memory, from 1 to 64 MB.
    /// </summary>
    public long? SegmentBytes { get; init; }

    /// <summary>
    /// A checkpoint also writes an image of the hash index when the log has grown by this much since the last one. Between images,
    /// recovery reads that much of the log at most. Default: 64 MB, or four times the index if that is more.
    /// </summary>
    public long? IndexImageBytes { get; init; }

    /// <summary>
    /// Whether nothing on the disk may change. The store can still be changed (a replay of the write log), in memory only: what its log
    /// memory does not hold is kept beside it. Checkpoints and compaction are refused.
    /// </summary>
    public bool ReadOnly { get; init; }

    internal StorageDisk Files => ReadOnly ? OverlayDisk.Instance : FileFactory;

    internal StorageDisk FileFactory { get; init; } = StorageDisk.Real;

    internal int ReadsPerSession { get; init; } = RecordSessions.DefaultReadsPerSession;

    /// <summary>
    /// Whether records that are in memory after opening are of use: false for a store that is read whole or hardly at all.
    /// </summary>
    internal bool Preload { get; init; } = true;

    /// <summary>Bytes of the hash index, a power of two; null for the largest in a sixteenth of the memory.</summary>
    internal long? HashIndexBytes { get; init; }

    internal long IndexBytes => HashIndexBytes ?? FloorPowerOfTwo(MemoryBytes / IndexShare);

    internal long LogMemoryBytes => FloorPowerOfTwo(MemoryBytes - IndexBytes);

    internal int PageBytes => (int)Math.Clamp(LogMemoryBytes / MinimumPages, MinimumPageBytes, DefaultPageBytes);

    internal long EffectiveSegmentBytes =>
        SegmentBytes ?? Math.Clamp(FloorPowerOfTwo(MemoryBytes / SegmentsInMemory), MinimumSegmentBytes, LargestDefaultSegmentBytes);

    internal long EffectiveIndexImageBytes => IndexImageBytes ?? Math.Max(LeastImageBytes, 4 * IndexBytes);

    internal long ClosingImageBytes => Math.Min(EffectiveIndexImageBytes, Math.Max(LeastClosingImageBytes, IndexBytes));

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MemoryBytes, MinimumMemoryBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(EffectiveSegmentBytes, MinimumSegmentBytes, nameof(SegmentBytes));
        if (!BitOperations.IsPow2(EffectiveSegmentBytes))
            throw new ArgumentOutOfRangeException(nameof(SegmentBytes), SegmentBytes, "The segment size must be a power of two.");
        if (IndexImageBytes is { } bytes)
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes, nameof(IndexImageBytes));
    }

    private static long FloorPowerOfTwo(long value) => 1L << BitOperations.Log2((ulong)value);
}
