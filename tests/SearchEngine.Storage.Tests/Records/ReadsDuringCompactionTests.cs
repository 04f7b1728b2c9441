using SearchEngine.Storage.Records;
using Xunit;

namespace SearchEngine.Storage.Tests.Records;

/// <summary>
/// Rule: a key that has a value all the time is found all the time, also by a read that was on its way to the place that compaction gave up
/// meanwhile. The disk holds such a read back until the begin of the log has moved past it.
/// </summary>
public sealed class ReadsDuringCompactionTests
{
    private const int Kept = 1;
    private const int Replaced = 2;

    /// <param name="length">Bytes of the value; the longer one lies in parts.</param>
    /// <param name="heldBack">Which of the read's reads from the disk is held back.</param>
    /// <param name="isValueRead">Whether the value is read, or only whether there is one.</param>
    [Theory]
    [InlineData(500, 0, true)]
    [InlineData(500, 0, false)]
    [InlineData(9_000, 1, true)]
    [InlineData(100_000, 0, true)]
    [InlineData(100_000, 1, true)]
    public async Task A_read_that_is_under_way_finds_what_compaction_moves(int length, int heldBack, bool isValueRead)
    {
        using var disk = new HoldingDisk(heldBack);
        using var parts = new RecordParts(disk);

        // The record lies in the last page of compaction's first step: a read that is held back would hold up the loading of later ones.
        var lastPage = parts.Log.EndOfPage(parts.Log.BeginAddress + RecordCompactor.StepBytes) - parts.Log.PageBytes;
        while (parts.Log.TailAddress <= lastPage)
            parts.Write(Replaced, RecordParts.Value(0, 1000));
        var value = RecordParts.Value(7, length);
        parts.Write(Kept, value);
        while (parts.Log.TailAddress < lastPage + (4L << 20))
            parts.Write(Replaced, RecordParts.Value(0, 1000));
        var segment = $"{RecordLog.DeviceName}.{lastPage / parts.Log.SegmentBytes}";

        // Compaction waits where it loads that page until the other read waits for the disk.
        var steps = 0;
        var compaction = Run(() =>
            disk.RunFirst(segment, lastPage % parts.Log.SegmentBytes, () => parts.Compactor.CompactWhile(() => steps++ == 0, default))
        );
        disk.WaitForFirst();
        byte[]? found = null;
        var reading = Run(() =>
            disk.RunSecond(() =>
            {
                if (isValueRead)
                    found = parts.Read(Kept);
                else
                    found = parts.Reader.Contains(RecordParts.Space, RecordParts.Key(Kept)) ? value : null;
            })
        );
        await compaction;
        Assert.True(disk.IsHoldingBack, "the read was over before the compaction");
        Assert.True(parts.Log.BeginAddress > lastPage, "the compaction has not passed the record");
        disk.Release();
        await reading;

        Assert.Equal(value, found);
    }

    private static Task Run(Action run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Holds back a read of the thread that runs first until a read of the second is held back, and that one until it is let go.</summary>
    private sealed class HoldingDisk(int readsBefore) : StorageDisk, IDisposable
    {
        [ThreadStatic]
        private static Action<string, long>? t_onRead;

        private readonly ManualResetEventSlim _firstIsThere = new();
        private readonly ManualResetEventSlim _secondIsThere = new();
        private readonly ManualResetEventSlim _released = new();

        public bool IsHoldingBack { get; private set; }

        public override StorageFile Open(string path, FileMode mode, FileAccess access) => new HoldingFile(path, mode, access);

        public void RunFirst(string file, long offset, Action run) =>
            Run(
                run,
                (path, at) =>
                {
                    if (at != offset || !path.EndsWith(file, StringComparison.Ordinal))
                        return;
                    t_onRead = null;
                    _firstIsThere.Set();
                    _secondIsThere.Wait();
                },
                _firstIsThere.Set
            );

        public void RunSecond(Action run)
        {
            var reads = 0;
            Run(
                run,
                (_, _) =>
                {
                    if (reads++ != readsBefore)
                        return;
                    t_onRead = null;
                    IsHoldingBack = true;
                    _secondIsThere.Set();
                    _released.Wait();
                },
                _secondIsThere.Set
            );
        }

        public void WaitForFirst() => _firstIsThere.Wait();

        public void Release() => _released.Set();

        public void Dispose()
        {
            _firstIsThere.Dispose();
            _secondIsThere.Dispose();
            _released.Dispose();
        }

        private static void Run(Action run, Action<string, long> onRead, Action atEnd)
        {
            t_onRead = onRead;
            try
            {
                run();
            }
            finally
            {
                t_onRead = null;
                atEnd();
            }
        }

        private sealed class HoldingFile(string path, FileMode mode, FileAccess access) : StorageFile(path, mode, access)
        {
            public override int Read(Span<byte> data, long offset)
            {
                t_onRead?.Invoke(Path, offset);
                return base.Read(data, offset);
            }
        }
    }
}
