namespace SearchEngine.Storage;

/// <summary>How a <see cref="WriteLog"/> keeps its entries. Copied in at opening.</summary>
public sealed record WriteLogOptions
{
    /// <summary>64 MB: small enough that truncation gives space back soon, large enough that files are rarely changed.</summary>
    public const long DefaultSegmentBytes = 64L << 20;

    /// <summary>64 MB: appenders that run ahead of the disk by more than this wait for it.</summary>
    public const int DefaultBufferBytes = 64 << 20;

    /// <summary>When a write counts as done.</summary>
    public Durability Durability { get; init; } = Durability.EveryWrite;

    /// <summary>The longest time between two writes to the disk under <see cref="Durability.Interval"/>. Default: 50 ms.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The size at which a new file is begun, in bytes (at least 64 KB).</summary>
    public long SegmentBytes { get; init; } = DefaultSegmentBytes;

    /// <summary>The most bytes appended but not yet written, before <see cref="WriteLog.Append"/> waits.</summary>
    public int BufferBytes { get; init; } = DefaultBufferBytes;

    /// <summary>Whether the log is only read: nothing on the disk changes, and <see cref="WriteLog.Append"/> is refused.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>
    /// Whether the log must be there: a checkpoint names it, so where its files are missing they were removed. Otherwise a log is begun.
    /// </summary>
    public bool MustExist { get; init; }

    internal StorageDisk Files => ReadOnly ? OverlayDisk.Instance : FileFactory;

    internal StorageDisk FileFactory { get; init; } = StorageDisk.Real;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, 64L << 10);
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferBytes, 4 << 10);
        if (Durability == Durability.Interval)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Interval, TimeSpan.Zero);
        if (!Enum.IsDefined(Durability))
            throw new ArgumentOutOfRangeException(nameof(Durability), Durability, "Not a durability level.");
    }
}
