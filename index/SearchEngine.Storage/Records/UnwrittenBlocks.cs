using System.Collections.Concurrent;

namespace SearchEngine.Storage.Records;

/// <summary>
/// Blocks of a file that the disk refused to take. FASTER was told that they are written (it would wait for ever otherwise) and drops them
/// from its memory; kept here, they can be read until the store is closed. Bounded by FASTER's log in memory: after a failed write nothing
/// new is taken. Thread-safe.
/// </summary>
internal sealed class UnwrittenBlocks
{
    private readonly ConcurrentDictionary<int, byte[]?> _blocks = new();

    // Asked at every block that is read; the dictionary would take all its locks to answer.
    private volatile bool _any;

    public bool IsEmpty => !_any;

    /// <summary>
    /// Takes a range in, over the blocks that are here already or, where it covers a block in part, over what
    /// <paramref name="readBlock"/> gives; a block whose rest cannot be read is kept as unreadable.
    /// </summary>
    public void Keep(ReadOnlySpan<byte> source, long offset, Action<byte[], long> readBlock)
    {
        for (var done = 0; done < source.Length; )
        {
            var at = offset + done;
            var number = (int)(at / RecordDevice.BlockBytes);
            var start = (int)(at % RecordDevice.BlockBytes);
            var count = Math.Min(RecordDevice.BlockBytes - start, source.Length - done);
            var block = BlockOf(number, whole: count == RecordDevice.BlockBytes, readBlock);
            if (block is not null)
                source.Slice(done, count).CopyTo(block.AsSpan(start));
            _blocks[number] = block;
            _any = true;
            done += count;
        }
    }

    /// <summary>Copies a block that is kept; false where it is not.</summary>
    /// <exception cref="IOException">It is kept, but a part of it could not be read when it was.</exception>
    public bool TryRead(int number, Span<byte> block)
    {
        if (!_blocks.TryGetValue(number, out var kept))
            return false;
        if (kept is null)
            throw new IOException("A block that could not be written could not be read before it either.");
        kept.CopyTo(block);
        return true;
    }

    /// <summary>A copy, so that whoever reads the one before sees no change.</summary>
    private byte[]? BlockOf(int number, bool whole, Action<byte[], long> readBlock)
    {
        if (_blocks.TryGetValue(number, out var kept))
            return (byte[]?)kept?.Clone();
        var block = new byte[RecordDevice.BlockBytes];
        if (whole)
            return block;
        try
        {
            readBlock(block, (long)number * RecordDevice.BlockBytes);
            return block;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StorageException)
        {
            return null;
        }
    }
}
