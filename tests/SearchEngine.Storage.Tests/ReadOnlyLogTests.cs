using System.Text;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

/// <summary>A log that is only read or copied, and one that must be there.</summary>
public sealed class ReadOnlyLogTests
{
    private static readonly WriteLogOptions Small = new() { SegmentBytes = 64 << 10 };

    private static byte[] Entry(int i) => Encoding.UTF8.GetBytes($"entry {i} ".PadRight(100 + i % 50, 'x'));

    private static List<long> Fill(string directory, int count)
    {
        using var log = WriteLog.Open(directory, Small);
        var addresses = new List<long>();
        for (var i = 0; i < count; i++)
        {
            addresses.Add(log.Append(Entry(i)));
            if (i % 100 == 0)
                log.Flush();
        }

        return addresses;
    }

    private static int Count(WriteLog log, long from)
    {
        var count = 0;
        log.ReadFrom(from, (_, _) => count++, default);
        return count;
    }

    private static Dictionary<string, byte[]> Files(string directory) =>
        Directory.GetFiles(directory).ToDictionary(path => path, File.ReadAllBytes);

    [Fact]
    public void What_a_crash_left_is_cut_and_deleted_by_an_owner_and_left_by_a_reader()
    {
        using var directory = new TemporaryDirectory();
        Fill(directory.FullPath, 500);
        var last = Directory.GetFiles(directory.FullPath, "*.log").Order().Last();
        using (var file = new FileStream(last, FileMode.Append))
            file.Write(new byte[77]);
        File.WriteAllText(directory.Combine("left" + AtomicFile.TemporarySuffix), "unfinished");
        var before = Files(directory.FullPath);

        using (var log = WriteLog.Open(directory.FullPath, Small with { ReadOnly = true }))
        {
            Assert.Equal(500, Count(log, 0));
            Assert.ThrowsAny<StorageException>(() => log.Append("x"u8));
        }
        Assert.Equal(before, Files(directory.FullPath));

        using (var log = WriteLog.Open(directory.FullPath, Small))
            Assert.Equal(500, Count(log, 0));
        Assert.Empty(Directory.GetFiles(directory.FullPath, "*" + AtomicFile.TemporarySuffix));
        Assert.Equal(before[last].Length - 77, new FileInfo(last).Length);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_log_that_must_be_there_is_not_begun(bool mustExist, bool readOnly)
    {
        using var directory = new TemporaryDirectory();
        var options = Small with { MustExist = mustExist, ReadOnly = readOnly };
        var missing = directory.Combine("missing");
        Directory.CreateDirectory(directory.Combine("empty"));

        Assert.ThrowsAny<StorageException>(() => WriteLog.Open(missing, options));
        Assert.False(Directory.Exists(missing));
        Assert.Throws<StorageCorruptionException>(() => WriteLog.Open(directory.Combine("empty"), options));
        Assert.Empty(Directory.GetFiles(directory.Combine("empty"), "*.log"));
    }

    [Fact]
    public void The_error_of_a_log_that_must_be_there_names_its_directory()
    {
        using var directory = new TemporaryDirectory();
        var exception = Assert.Throws<StorageCorruptionException>(() =>
            WriteLog.Open(directory.Combine("missing"), Small with { MustExist = true })
        );
        Assert.Equal(directory.Combine("missing"), exception.Path);
    }

    [Fact]
    public void A_copy_holds_the_files_from_an_address_on_and_no_earlier_ones()
    {
        using var directory = new TemporaryDirectory();
        var addresses = Fill(directory.Combine("log"), 3_000);
        using var log = WriteLog.Open(directory.Combine("log"), Small);
        var files = Directory.GetFiles(directory.Combine("log"), "*.log").Order().Select(Path.GetFileName).ToArray();
        Assert.True(files.Length > 3);
        foreach (var first in new[] { 0, 1_500, 2_999 })
        {
            var copy = directory.Combine($"copy {first}");
            var end = log.CopyTo(addresses[first], copy);

            Assert.Equal(log.DurableAddress, end);
            var copied = Directory.GetFiles(copy, "*.log").Order().Select(Path.GetFileName).ToArray();
            Assert.Equal(files[^copied.Length..], copied);
            using var opened = WriteLog.Open(copy, Small with { MustExist = true });
            Assert.InRange(opened.BeginAddress, 0, addresses[first]);
            // The first file is the one that the address lies in: all that follow begin behind it.
            Assert.InRange(addresses[first], opened.BeginAddress, opened.BeginAddress + Small.SegmentBytes + 20_000);
            Assert.Equal(Count(log, addresses[first]), Count(opened, addresses[first]));
        }

        Assert.Throws<StorageException>(() => log.CopyTo(log.TailAddress + 1, directory.Combine("beyond")));
    }

    [Fact]
    public void Under_an_interval_entries_become_durable_though_nobody_asks()
    {
        using var directory = new TemporaryDirectory();
        using var log = WriteLog.Open(
            directory.FullPath,
            Small with
            {
                Durability = Durability.Interval,
                Interval = TimeSpan.FromMilliseconds(5),
            }
        );
        for (var i = 0; i < 20; i++)
        {
            log.Append(Entry(i));
            // As long as it takes: only a log that never does it fails.
            Assert.True(SpinWait.SpinUntil(() => log.DurableAddress == log.TailAddress, TimeSpan.FromMinutes(1)));
        }
    }
}
