namespace SearchEngine.Storage;

internal sealed partial class RecordDevice
{
    /// <summary>The checksum of a block of zeros: sums are kept relative to it, so that a block never written has the sum 0.</summary>
    private static readonly uint ZeroBlock = Checksum.Compute(new byte[BlockBytes]);

    /// <summary>The sum of a block's content, extended with zeros to a whole block.</summary>
    public static uint BlockSum(ReadOnlySpan<byte> block) => Checksum.Compute(block) ^ ZeroBlock;

    /// <summary>
    /// Makes everything before <paramref name="address"/> unchangeable, writes the block sums beside the data and forces both to the disk.
    /// Returns the sum of the block that <paramref name="address"/> lies in, of its bytes before it.
    /// </summary>
    public uint ProtectBefore(long address)
    {
        lock (_writeLock)
        {
            if (address > Volatile.Read(ref _protectedBefore))
                Volatile.Write(ref _protectedBefore, address);
        }

        var created = false;
        try
        {
            foreach (var segment in _segments.Values)
                created |= segment.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody knows what of it is on the disk now, and the segment takes its sums for written: a later checkpoint must not build on
            // it.
            FailWrites(exception);
            throw;
        }

        if (created)
            _disk.FlushDirectory(Path.GetDirectoryName(FileName)!);
        if (WriteFailure is { } failure)
            throw new StorageException($"'{FileName}' could not be written: {failure.Message}", FileName, failure);
        return TailBlockSum(address);
    }

    /// <summary>Forces a file that is complete (an index image) with its block sums to the disk.</summary>
    public void FlushAll() => ProtectBefore(0);

    /// <summary>
    /// Reads a file that is written whole into memory, and writes it again where <paramref name="change"/> says that it has changed it. A
    /// file that cannot be read or written is a failed write.
    /// </summary>
    public void Rewrite(int segmentId, Func<byte[], bool> change)
    {
        if (WriteFailure is not null)
            return;
        try
        {
            var segment = GetSegment(segmentId);
            var content = GC.AllocateUninitializedArray<byte>(checked((int)segment.OpenFile().Length));
            lock (_writeLock)
            {
                for (var at = 0; at < content.Length; at += CopyBytes)
                    ReadRange(segment, content.AsSpan(at, Math.Min(CopyBytes, content.Length - at)), at);
                if (!change(content))
                    return;
                for (var at = 0; at < content.Length; at += CopyBytes)
                    WriteBlocks(segment, content.AsSpan(at, Math.Min(CopyBytes, content.Length - at)), at);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StorageException)
        {
            FailWrites(exception);
        }
    }

    /// <summary>
    /// Brings the files back to what a checkpoint at <paramref name="address"/> saw: later bytes, which a crashed run may have written
    /// in part, are cut off. <paramref name="tailBlockSum"/> is what <see cref="ProtectBefore"/> returned.
    /// </summary>
    /// <param name="beginAddress">Where the log begins.</param>
    /// <param name="address">The checkpoint's end.</param>
    /// <param name="tailBlockSum">The sum of the last block up to the end.</param>
    /// <param name="segmentBytes">Bytes per file.</param>
    /// <param name="keepFiles">Read-only: later files are emptied in memory instead of deleted.</param>
    /// <exception cref="StorageCorruptionException">Files are missing or too short.</exception>
    public void RestoreTo(long beginAddress, long address, uint tailBlockSum, long segmentBytes, bool keepFiles)
    {
        var last = (int)(address / segmentBytes);
        foreach (var (id, path) in RecordSegment.List(FileName))
        {
            if (id < last || (id == last && address % segmentBytes != 0))
                continue;
            if (keepFiles)
            {
                GetSegment(id).OpenFile().SetLength(0);
                GetSegment(id).RestoreSums(0, 0);
            }
            else
            {
                _disk.Delete(path);
                _disk.Delete(RecordSegment.SumsPath(path));
            }
        }

        for (var id = (int)(beginAddress / segmentBytes); id <= last; id++)
        {
            var path = SegmentPath(id);
            var needed = id == last ? address - id * segmentBytes : segmentBytes;
            if (needed == 0)
                continue;
            var length = File.Exists(path) ? new FileInfo(path).Length : -1;
            if (length < needed)
            {
                throw new StorageCorruptionException(
                    length < 0
                        ? $"The record file '{path}' is missing."
                        : $"The record file '{path}' has {length} bytes; the checkpoint needs {needed}.",
                    path,
                    id * segmentBytes
                );
            }

            var segment = GetSegment(id);
            segment.OpenFile();
            if (id != last)
                continue;
            if (length > needed)
            {
                segment.File!.SetLength(needed);
                segment.File.Flush();
            }

            segment.RestoreSums((int)(needed / BlockBytes), needed % BlockBytes != 0 ? tailBlockSum : 0);
        }

        Volatile.Write(ref _protectedBefore, address);
    }

    /// <summary>Deletes the files that hold nothing at or after <paramref name="address"/>; returns whether there were any.</summary>
    public bool DeleteBefore(long address, long segmentBytes)
    {
        var deleted = false;
        foreach (var (id, path) in RecordSegment.List(FileName))
        {
            if ((id + 1L) * segmentBytes > address)
                continue;
            if (_segments.TryRemove(id, out var segment))
                segment.Dispose();
            _disk.Delete(path);
            _disk.Delete(RecordSegment.SumsPath(path));
            deleted = true;
        }

        return deleted;
    }

    /// <summary>Copies the first bytes of a segment, checking every block, and forces the copy to the disk.</summary>
    /// <exception cref="StorageCorruptionException">A block is damaged.</exception>
    public void CopySegment(StorageDisk disk, int id, long bytes, string path, CancellationToken cancellationToken)
    {
        var segment = GetSegment(id);
        using var target = disk.Open(path, FileMode.Create, FileAccess.ReadWrite);
        var buffer = new byte[CopyBytes];
        for (long offset = 0; offset < bytes; offset += CopyBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(CopyBytes, bytes - offset);
            var blocks = buffer.AsSpan(0, (count + BlockBytes - 1) / BlockBytes * BlockBytes);
            // The block that the last byte lies in may be getting its later bytes just now.
            lock (_writeLock)
                ReadBlocks(segment, blocks, offset);
            target.Write(blocks[..count], offset);
        }

        target.Flush();
    }

    public long SizeOnDisk()
    {
        long size = 0;
        foreach (var (_, path) in RecordSegment.List(FileName))
        {
            size += new FileInfo(path).Length;
            var sums = new FileInfo(RecordSegment.SumsPath(path));
            if (sums.Exists)
                size += sums.Length;
        }

        return size;
    }

    private uint TailBlockSum(long address)
    {
        if (address % BlockBytes == 0)
            return 0;
        var offset = address % segmentSize;
        var block = new byte[BlockBytes];
        var start = offset / BlockBytes * BlockBytes;
        GetSegment((int)(address / segmentSize)).OpenFile().Read(block.AsSpan(0, (int)(offset - start)), start);
        return BlockSum(block);
    }

    private unsafe void Write(WriteRequest request)
    {
        var segment = GetSegment(request.Segment);
        segment.OpenFile();
        var logical = segmentSize > 0 ? request.Segment * segmentSize : 0;
        var end = request.Offset + request.Bytes;
        for (var position = request.Offset; position < end; )
        {
            var count = (int)Math.Min(end - position, CopyBytes);
            lock (_writeLock)
            {
                var skip = (int)Math.Clamp(_protectedBefore - (logical + position), 0, count);
                if (skip < count)
                {
                    WriteBlocks(
                        segment,
                        new ReadOnlySpan<byte>((byte*)request.Source + (position - request.Offset) + skip, count - skip),
                        position + skip
                    );
                }
            }

            position += count;
        }
    }

    /// <summary>Keeps in memory what a write could not bring to the file.</summary>
    private unsafe void Keep(WriteRequest request)
    {
        var segment = GetSegment(request.Segment);
        var logical = segmentSize > 0 ? request.Segment * segmentSize : 0;
        var skip = (int)Math.Clamp(Volatile.Read(ref _protectedBefore) - (logical + request.Offset), 0, request.Bytes);
        var source = new ReadOnlySpan<byte>((byte*)request.Source + skip, checked((int)request.Bytes - skip));
        segment.Unwritten.Keep(
            source,
            request.Offset + skip,
            (block, offset) =>
            {
                var file = segment.OpenExistingFile();
                block.AsSpan(file?.Read(block, offset) ?? 0).Clear();
            }
        );
    }

    /// <summary>Writes a range through a private copy (the source may change meanwhile) and sums the blocks it touches.</summary>
    private void WriteBlocks(RecordSegment segment, ReadOnlySpan<byte> source, long offset)
    {
        var firstBlock = offset / BlockBytes;
        var lead = (int)(offset - firstBlock * BlockBytes);
        var total = (lead + source.Length + BlockBytes - 1) / BlockBytes * BlockBytes;
        var blocks = _copy.AsSpan(0, total);
        var trail = lead + source.Length;
        if (lead > 0 || trail < total)
        {
            if (lead > 0)
                ReadOrZero(segment, blocks[..BlockBytes], firstBlock * BlockBytes);
            if (trail < total && (lead == 0 || total > BlockBytes))
                ReadOrZero(segment, blocks[(total - BlockBytes)..], firstBlock * BlockBytes + total - BlockBytes);
        }

        source.CopyTo(blocks[lead..]);
        segment.File!.Write(blocks.Slice(lead, source.Length), offset);
        for (var i = 0; i < total / BlockBytes; i++)
            segment.SetSum((int)firstBlock + i, BlockSum(blocks.Slice(i * BlockBytes, BlockBytes)));
    }

    private static void ReadOrZero(RecordSegment segment, Span<byte> block, long offset)
    {
        var read = segment.File!.Read(block, offset);
        block[read..].Clear();
    }

    private unsafe void Read(int segmentId, long offset, IntPtr destination, uint bytes)
    {
        var target = new Span<byte>((void*)destination, checked((int)bytes));
        try
        {
            var segment = GetSegment(segmentId);
            var end = offset + bytes;
            var position = offset;
            while (position < end)
            {
                var blockStart = position / BlockBytes * BlockBytes;
                var whole = (int)((end - position) / BlockBytes * BlockBytes);
                if (position == blockStart && whole > 0 && !LastBlock.OfThread.Holds(this, segmentId, blockStart))
                {
                    var part = target.Slice((int)(position - offset), whole);
                    ReadBlocks(segment, part, position);
                    position += whole;
                }
                else
                {
                    var block = ReadBlock(segment, segmentId, blockStart);
                    var count = (int)(Math.Min(end, blockStart + BlockBytes) - position);
                    block.Slice((int)(position - blockStart), count).CopyTo(target[(int)(position - offset)..]);
                    position += count;
                }
            }
        }
        catch (StorageException exception)
        {
            target.Clear();
            FailRead(exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            target.Clear();
            FailRead(
                new StorageException($"'{SegmentPath(segmentId)}' cannot be read: {exception.Message}", SegmentPath(segmentId), exception)
            );
        }
    }

    /// <summary>One verified block, from the thread's last one where that may be used.</summary>
    private Span<byte> ReadBlock(RecordSegment segment, int segmentId, long blockStart)
    {
        var last = LastBlock.OfThread;
        if (last.Holds(this, segmentId, blockStart))
            return last.Bytes;
        last.Clear();
        ReadBlocks(segment, last.Bytes, blockStart);
        last.Set(this, segmentId, blockStart);
        return last.Bytes;
    }

    private void ReadBlocks(RecordSegment segment, Span<byte> blocks, long offset)
    {
        var file = segment.OpenExistingFile();
        var read = file is null ? 0 : file.Read(blocks, offset);
        blocks[read..].Clear();
        for (var i = 0; i < blocks.Length / BlockBytes; i++)
        {
            var number = (int)(offset / BlockBytes) + i;
            if (!segment.Unwritten.IsEmpty && segment.Unwritten.TryRead(number, blocks.Slice(i * BlockBytes, BlockBytes)))
                continue;
            if (BlockSum(blocks.Slice(i * BlockBytes, BlockBytes)) == segment.GetSum(number))
                continue;
            var at = offset + (long)i * BlockBytes;
            throw new StorageCorruptionException(
                $"The file '{segment.Path}' is damaged: the block of {BlockBytes} bytes at {at} does not match its checksum.",
                segment.Path,
                segmentSize > 0 ? SegmentOf(segment.Path) * segmentSize + at : at
            );
        }
    }

    /// <summary>Reads from the beginning of a block, verified, up to any byte.</summary>
    private void ReadRange(RecordSegment segment, Span<byte> bytes, long offset)
    {
        var whole = bytes.Length / BlockBytes * BlockBytes;
        ReadBlocks(segment, bytes[..whole], offset);
        if (whole == bytes.Length)
            return;
        Span<byte> last = stackalloc byte[BlockBytes];
        ReadBlocks(segment, last, offset + whole);
        last[..(bytes.Length - whole)].CopyTo(bytes[whole..]);
    }

    private static long SegmentOf(string path) =>
        long.Parse(System.IO.Path.GetExtension(path.AsSpan())[1..], System.Globalization.CultureInfo.InvariantCulture);
}
