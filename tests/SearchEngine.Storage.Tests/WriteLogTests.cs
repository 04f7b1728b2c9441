using System.Text;
using SearchEngine.TestDisks;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class WriteLogTests
{
    private static readonly WriteLogOptions Small = new() { SegmentBytes = 64 << 10 };

    private static byte[] Entry(int i) => Encoding.UTF8.GetBytes($"entry {i} {new string('x', i % 97)}");

    private static List<(byte[] Entry, long Next)> ReadAll(WriteLog log, long from)
    {
        var entries = new List<(byte[], long)>();
        var end = log.ReadFrom(from, (entry, next) => entries.Add((entry.ToArray(), next)), default);
        Assert.Equal(entries.Count == 0 ? from : entries[^1].Item2, end);
        return entries;
    }

    [Fact]
    public void Entries_come_back_in_order_after_reopening()
    {
        using var directory = new TemporaryDirectory();
        var addresses = new List<long>();
        using (var log = WriteLog.Open(directory.FullPath, Small))
        {
            Assert.Equal(0, log.TailAddress);
            for (var i = 0; i < 3000; i++)
                addresses.Add(log.Append(Entry(i)));
            log.Append([]);
            log.WaitUntilDurable(log.TailAddress);
            Assert.Equal(log.TailAddress, log.DurableAddress);
        }

        using (var log = WriteLog.Open(directory.FullPath, Small))
        {
            var entries = ReadAll(log, 0);
            Assert.Equal(3001, entries.Count);
            for (var i = 0; i < 3000; i++)
            {
                Assert.Equal(Entry(i), entries[i].Entry);
                Assert.Equal(addresses[i], entries[i].Next);
            }

            Assert.Empty(entries[3000].Entry);
            Assert.Equal(1001, ReadAll(log, addresses[1999]).Count);
            Assert.Throws<StorageCorruptionException>(() => log.ReadFrom(addresses[5] + 8, (_, _) => { }, default));
            Assert.Throws<StorageException>(() => log.ReadFrom(log.TailAddress + 8, (_, _) => { }, default));
        }
    }

    [Theory]
    [InlineData(Durability.EveryWrite)]
    [InlineData(Durability.Interval)]
    [InlineData(Durability.None)]
    public void A_killed_process_loses_nothing_acknowledged(Durability durability)
    {
        using var directory = new TemporaryDirectory();
        var acknowledged = 0;
        var options = Small with { Durability = durability };
        var log = WriteLog.Open(directory.Combine("log"), options);
        for (var i = 0; i < 500; i++)
        {
            log.WaitUntilDurable(log.Append(Entry(i)));
            acknowledged++;
        }

        log.Append(Entry(acknowledged));
        TemporaryDirectory.Copy(directory.Combine("log"), directory.Combine("copy"));
        using (var copy = WriteLog.Open(directory.Combine("copy"), options))
        {
            var entries = ReadAll(copy, 0);
            Assert.InRange(entries.Count, acknowledged, acknowledged + 1);
            for (var i = 0; i < entries.Count; i++)
                Assert.Equal(Entry(i), entries[i].Entry);
        }

        log.Abandon();
    }

    [Fact]
    public async Task Many_threads_share_writes_and_each_finds_its_entries_in_its_order()
    {
        using var directory = new TemporaryDirectory();
        using (var log = WriteLog.Open(directory.FullPath, Small))
        {
            // Threads of their own: they all wait at a time, however few the pool has.
            await Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(thread =>
                        Task.Factory.StartNew(
                            () =>
                            {
                                for (var i = 0; i < 200; i++)
                                {
                                    var address = log.Append(Encoding.UTF8.GetBytes($"{thread}:{i}"));
                                    log.WaitUntilDurable(address);
                                    Assert.True(log.DurableAddress >= address);
                                }
                            },
                            TestContext.Current.CancellationToken,
                            TaskCreationOptions.LongRunning,
                            TaskScheduler.Default
                        )
                    )
            );
        }

        using var reopened = WriteLog.Open(directory.FullPath, Small);
        var next = new int[8];
        foreach (var (entry, _) in ReadAll(reopened, 0))
        {
            var parts = Encoding.UTF8.GetString(entry).Split(':');
            var thread = int.Parse(parts[0]);
            Assert.Equal(next[thread]++, int.Parse(parts[1]));
        }

        Assert.All(next, count => Assert.Equal(200, count));
    }

    [Fact]
    public void A_torn_tail_is_cut_at_every_length()
    {
        using var directory = new TemporaryDirectory();
        var addresses = WriteUnmarked(directory.Combine("log"), 20);
        var file = Directory.GetFiles(directory.Combine("log"), "*.log").Single();
        var content = File.ReadAllBytes(file);
        for (var length = 64; length <= content.Length; length++)
        {
            File.WriteAllBytes(file, content[..length]);
            using (var log = WriteLog.Open(directory.Combine("log"), Small))
            {
                var whole = addresses.Count(address => address <= length - 64);
                var entries = ReadAll(log, 0);
                Assert.Equal(whole, entries.Count);
                Assert.Equal(whole == 0 ? 0 : addresses[whole - 1], log.TailAddress);
                Assert.Equal(64 + log.TailAddress, new FileInfo(file).Length);
            }

            File.Delete(Path.Combine(directory.Combine("log"), WriteLogMark.FileName));
        }
    }

    [Fact]
    public void Appending_goes_on_after_a_torn_tail()
    {
        using var directory = new TemporaryDirectory();
        WriteUnmarked(directory.Combine("log"), 20);
        var file = Directory.GetFiles(directory.Combine("log"), "*.log").Single();
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^3]);
        using (var log = WriteLog.Open(directory.Combine("log"), Small))
            log.Append("after"u8);
        using var again = WriteLog.Open(directory.Combine("log"), Small);
        var entries = ReadAll(again, 0);
        Assert.Equal(20, entries.Count);
        Assert.Equal("after"u8.ToArray(), entries[19].Entry);
    }

    [Fact]
    public void Damage_before_the_last_durable_entry_is_never_cut()
    {
        using var directory = new TemporaryDirectory();
        // Written one by one, so that each says that the ones before it are durable; and without the mark, as after a loss of power.
        var addresses = WriteUnmarked(directory.Combine("log"), 20);
        var file = Directory.GetFiles(directory.Combine("log"), "*.log").Single();
        var content = File.ReadAllBytes(file);
        for (var i = 0; i < content.Length; i++)
        {
            var damaged = content.ToArray();
            damaged[i] ^= 1;
            File.WriteAllBytes(file, damaged);
            File.Delete(Path.Combine(directory.Combine("log"), WriteLogMark.FileName));
            if (i < 64 + addresses[^2])
            {
                var exception = Assert.Throws<StorageCorruptionException>(() => WriteLog.Open(directory.Combine("log"), Small));
                Assert.Equal(file, exception.Path);
                Assert.Equal(damaged, File.ReadAllBytes(file));
            }
            else
            {
                // The last entry: nothing on the disk says that it was whole, so it may be the work of a crash.
                using var log = WriteLog.Open(directory.Combine("log"), Small);
                Assert.Equal(19, ReadAll(log, 0).Count);
            }
        }
    }

    /// <summary>What lies behind a damaged place is not to be trusted, its length least: a later entry may begin at every multiple of eight.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_later_entry_that_says_so_keeps_damage_from_being_cut_wherever_it_begins(int length)
    {
        using var directory = new TemporaryDirectory();
        var tail = WriteUnmarked(directory.FullPath, 3)[^1];
        var file = Directory.GetFiles(directory.FullPath, "*.log").Single();
        var sound = File.ReadAllBytes(file).AsSpan(0, 64 + (int)tail).ToArray();
        for (var gap = WriteLogFrame.Alignment; gap <= 96; gap += WriteLogFrame.Alignment)
        {
            var frame = new byte[WriteLogFrame.Size(length)];
            WriteLogFrame.Write(frame, tail + gap, tail + gap, new byte[length]);
            byte[] damaged = [.. sound, .. Enumerable.Repeat((byte)0xA5, gap), .. frame];
            File.WriteAllBytes(file, damaged);
            Assert.Throws<StorageCorruptionException>(() => WriteLog.Open(directory.FullPath, Small));
            Assert.Equal(damaged, File.ReadAllBytes(file));

            // It says no more than that what is before the damage was durable.
            WriteLogFrame.Write(frame, tail + gap, tail, new byte[length]);
            frame.CopyTo(damaged, damaged.Length - frame.Length);
            File.WriteAllBytes(file, damaged);
            using (var log = WriteLog.Open(directory.FullPath, Small))
                Assert.Equal(tail, log.TailAddress);
            File.Delete(Path.Combine(directory.FullPath, WriteLogMark.FileName));
        }
    }

    [Fact]
    public void With_the_mark_of_a_killed_process_damage_anywhere_is_found()
    {
        using var directory = new TemporaryDirectory();
        using (var log = WriteLog.Open(directory.Combine("log"), Small))
        {
            for (var i = 0; i < 5; i++)
                log.Append(Entry(i));
        }

        foreach (var file in Directory.GetFiles(directory.Combine("log")))
        {
            var content = File.ReadAllBytes(file);
            for (var i = 0; i < content.Length; i++)
            {
                var damaged = content.ToArray();
                damaged[i] ^= 0x80;
                File.WriteAllBytes(file, damaged);
                try
                {
                    using var log = WriteLog.Open(directory.Combine("log"), Small);
                    Assert.Equal(5, ReadAll(log, 0).Count);
                    Assert.Equal(WriteLogMark.FileName, Path.GetFileName(file));
                }
                catch (StorageException)
                {
                    Assert.NotEqual(WriteLogMark.FileName, Path.GetFileName(file));
                }

                File.WriteAllBytes(file, content);
            }
        }
    }

    [Fact]
    public void Truncation_gives_files_back_and_keeps_what_comes_after()
    {
        using var directory = new TemporaryDirectory();
        var addresses = new List<long>();
        using (var log = WriteLog.Open(directory.FullPath, Small))
        {
            for (var i = 0; i < 5000; i++)
            {
                addresses.Add(log.Append(Entry(i)));
                if (i % 100 == 0)
                    log.Flush();
            }

            log.Flush();
            var before = log.SizeOnDisk;
            log.TruncateBefore(addresses[2500]);
            Assert.InRange(log.BeginAddress, 1, addresses[2500]);
            Assert.True(log.SizeOnDisk < before * 0.7);
            Assert.Equal(2499, ReadAll(log, addresses[2500]).Count);
            Assert.Throws<StorageException>(() => log.ReadFrom(0, (_, _) => { }, default));
            log.TruncateBefore(log.TailAddress);
            Assert.True(log.SizeOnDisk < 64 << 10);
            log.Append("last"u8);
        }

        using var reopened = WriteLog.Open(directory.FullPath, Small);
        Assert.Equal("last"u8.ToArray(), Assert.Single(ReadAll(reopened, addresses[^1])).Entry);
    }

    [Fact]
    public void A_missing_file_in_the_middle_and_a_missing_log_are_errors()
    {
        using var directory = new TemporaryDirectory();
        using (var log = WriteLog.Open(directory.FullPath, Small))
        {
            for (var i = 0; i < 5000; i++)
            {
                log.Append(Entry(i));
                if (i % 100 == 0)
                    log.Flush();
            }
        }

        var files = Directory.GetFiles(directory.FullPath, "*.log").Order().ToArray();
        Assert.True(files.Length > 3);
        File.Delete(files[1]);
        Assert.Throws<StorageCorruptionException>(() => WriteLog.Open(directory.FullPath, Small));
        foreach (var file in files)
            File.Delete(file);
        Assert.Throws<StorageCorruptionException>(() => WriteLog.Open(directory.FullPath, Small));
    }

    [Fact]
    public void Entries_of_many_megabytes_work()
    {
        using var directory = new TemporaryDirectory();
        var large = new byte[9 << 20];
        new Random(3).NextBytes(large);
        using (var log = WriteLog.Open(directory.FullPath, Small with { BufferBytes = 1 << 20 }))
        {
            for (var i = 0; i < 3; i++)
                log.Append(large);
        }

        using var reopened = WriteLog.Open(directory.FullPath, Small);
        Assert.All(ReadAll(reopened, 0), item => Assert.True(large.AsSpan().SequenceEqual(item.Entry)));
    }

    /// <summary>Writes entries one by one, each durable, then removes the mark, which a loss of power may take.</summary>
    private static List<long> WriteUnmarked(string directory, int count)
    {
        var addresses = new List<long>();
        using (var log = WriteLog.Open(directory, Small))
        {
            for (var i = 0; i < count; i++)
            {
                addresses.Add(log.Append(Entry(i)));
                log.Flush();
            }
        }

        File.Delete(Path.Combine(directory, WriteLogMark.FileName));
        return addresses;
    }

    /// <summary>
    /// Rule: a file of the log is durable before the next is begun. What is written behind, without a wait for the disk, would be in no
    /// fsync otherwise: the next one is of the next file.
    /// </summary>
    [Fact]
    public void What_was_written_behind_is_durable_when_a_later_entry_is()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            using var directory = new TemporaryDirectory();
            var disk = new SimulatedDisk(directory.Combine("disk"));
            var path = Path.Combine(directory.Combine("disk"), "log");
            var large = new byte[(1 << 20) + 4096];
            new Random(seed).NextBytes(large);
            var log = WriteLog.Open(path, Small with { FileFactory = disk });
            for (var round = 0; round < 3; round++)
            {
                var before = log.SizeOnDisk;
                log.Append(large);
                // Zeros that were laid ahead of small writes are written over: the file grows by less than the entry.
                while (log.SizeOnDisk < before + large.Length / 2)
                    Thread.Yield();
                log.WaitUntilDurable(log.Append(Entry(round)));
            }

            disk.TurnOff();
            log.Abandon();
            disk.LosePower(new Random(seed));
            using var again = WriteLog.Open(path, Small);
            var entries = ReadAll(again, 0);
            Assert.True(entries.Count == 6, $"seed {seed}: {entries.Count} entries");
            for (var i = 0; i < entries.Count; i++)
                Assert.Equal(i % 2 == 0 ? large : Entry(i / 2), entries[i].Entry);
        }
    }
}
