using System.Runtime.InteropServices;
using SearchEngine.Storage.Tests.Records;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

/// <summary>How much is done, where that is a promise: counted, never timed.</summary>
public sealed class WorkDoneTests
{
    [Fact]
    public void Only_the_sums_of_blocks_that_changed_since_are_written()
    {
        using var directory = new TemporaryDirectory();
        var disk = new CountingDisk();
        using var segment = new RecordSegment(directory.Combine("segment.0"), disk);
        segment.OpenFile();
        for (var block = 0; block < 1_000; block++)
            segment.SetSum(block, (uint)block + 1);
        segment.Flush();
        foreach (var (first, last) in new[] { (500, 500), (3, 9), (990, 999), (0, 0) })
        {
            disk.BytesWritten = 0;
            segment.SetSum(last, 7);
            segment.SetSum(first, 7);
            segment.Flush();
            Assert.Equal((last - first + 1) * sizeof(uint), disk.BytesWritten);
        }

        disk.BytesWritten = 0;
        segment.Flush();
        Assert.Equal(0, disk.BytesWritten);
    }

    [Fact]
    public void Sums_that_come_one_by_one_take_memory_in_proportion_to_their_number()
    {
        const int Blocks = 8_192;
        using var directory = new TemporaryDirectory();
        using var segment = new RecordSegment(directory.Combine("segment.0"), StorageDisk.Real);
        segment.SetSum(0, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var block = 0; block < Blocks; block++)
            segment.SetSum(block, 1);

        // All arrays of a length that doubles are less than twice the last, which is less than twice what is needed.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * Blocks * sizeof(uint));
    }

    [Fact]
    public void A_folder_is_forced_to_the_disk_for_new_files_alone()
    {
        using var directory = new TemporaryDirectory();
        var disk = new CountingDisk();
        using var device = new RecordDevice(directory.Combine("records"), disk);
        device.Initialize(1 << 20);
        device.ProtectBefore(0);
        Assert.Equal(0, disk.FoldersFlushed);
        var flushed = 0;
        foreach (var (segment, block) in new[] { (0, 0), (0, 1), (0, 2), (1, 0), (1, 1) })
        {
            Write(device, segment, block);
            device.ProtectBefore((segment * (1L << 20)) + ((block + 1) * RecordDevice.BlockBytes));
            flushed += block == 0 ? 1 : 0;
            Assert.Equal(flushed, disk.FoldersFlushed);
        }
    }

    /// <summary>FASTER's count of a session's reads from disk would overflow: a session ends after as many as it is given, and each counts anew.</summary>
    [Fact]
    public void A_session_is_replaced_after_as_many_reads_from_disk_as_it_is_given()
    {
        const int Reads = 3;
        using var parts = new RecordParts();
        using var sessions = new RecordSessions(parts.Log.Store, Reads);
        for (var round = 0; round < 4; round++)
        {
            var lease = sessions.Rent();
            var session = lease.Session;
            lease.Dispose();
            for (var read = 1; read <= Reads; read++)
            {
                Assert.Same(lease, sessions.Rent());
                Assert.Same(session, lease.Session);
                lease.CountPendingRead();
                lease.Dispose();
            }

            Assert.NotSame(session, lease.Session);
        }
    }

    [Fact]
    public void A_thread_keeps_its_buffer_up_to_two_mebibytes_and_no_larger_one()
    {
        const int MaxKeptBytes = 2 << 20;
        var buffer = RecordBuffer.Rent();
        foreach (var length in new[] { 1, 5_000, MaxKeptBytes - 1, MaxKeptBytes })
        {
            Assert.Equal(length, buffer.Resize(length).Length);
            buffer.Return();
            Assert.Same(buffer, RecordBuffer.Rent());
        }

        buffer.Resize(MaxKeptBytes + 1);
        buffer.Return();
        Assert.NotSame(buffer, RecordBuffer.Rent());
    }

    private static unsafe void Write(RecordDevice device, int segment, int block)
    {
        var content = NativeMemory.AllocZeroed(RecordDevice.BlockBytes);
        try
        {
            using var written = new ManualResetEventSlim();
            device.WriteAsync(
                (nint)content,
                segment,
                (ulong)(block * RecordDevice.BlockBytes),
                RecordDevice.BlockBytes,
                (_, _, _) => written.Set(),
                new object()
            );
            written.Wait(TestContext.Current.CancellationToken);
        }
        finally
        {
            NativeMemory.Free(content);
        }
    }

    private sealed class CountingDisk : StorageDisk
    {
        public long BytesWritten { get; set; }

        public int FoldersFlushed { get; private set; }

        public override StorageFile Open(string path, FileMode mode, FileAccess access) => new CountingFile(this, path, mode, access);

        public override void FlushDirectory(string path)
        {
            FoldersFlushed++;
            base.FlushDirectory(path);
        }

        private sealed class CountingFile(CountingDisk disk, string path, FileMode mode, FileAccess access)
            : StorageFile(path, mode, access)
        {
            public override void Write(ReadOnlySpan<byte> data, long offset)
            {
                disk.BytesWritten += data.Length;
                base.Write(data, offset);
            }
        }
    }
}
