using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class ChecksumTests
{
    [Fact]
    public void Matches_the_published_check_values()
    {
        // RFC 3720 B.4 and the usual check string.
        Assert.Equal(0xE3069283u, Checksum.Compute("123456789"u8));
        Assert.Equal(0x8A9136AAu, Checksum.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Checksum.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Checksum.Compute(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
    }

    [Fact]
    public void Parts_give_the_sum_of_the_whole()
    {
        var data = new byte[301];
        new Random(1).NextBytes(data);
        var whole = Checksum.Compute(data);
        for (var cut = 0; cut <= data.Length; cut += 7)
        {
            Assert.Equal(whole, Checksum.Compute(data.AsSpan(0, cut), data.AsSpan(cut)));
            Assert.Equal(whole, Checksum.Compute(data.AsSpan(0, cut / 2), data.AsSpan(cut / 2, cut - cut / 2), data.AsSpan(cut)));
        }
    }
}

public sealed class AtomicFileTests
{
    [Fact]
    public void Replaces_the_content_and_leaves_no_temporary()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Combine("file");
        AtomicFile.Write(path, "one"u8);
        AtomicFile.Write(path, "second"u8);
        Assert.Equal("second", File.ReadAllText(path));
        Assert.Equal(["file"], Directory.GetFiles(directory.FullPath).Select(Path.GetFileName));
    }

    [Fact]
    public void A_missing_directory_is_one_clear_error()
    {
        using var directory = new TemporaryDirectory();
        var exception = Assert.Throws<StorageException>(() => AtomicFile.Write(Path.Combine(directory.FullPath, "missing", "file"), "x"u8));
        Assert.Contains("missing", exception.Message, StringComparison.Ordinal);
    }
}

public sealed class DatabaseLockTests
{
    [Fact]
    public void A_lock_file_that_cannot_be_opened_is_not_taken_for_another_owner()
    {
        using var directory = new TemporaryDirectory();
        var path = System.IO.Path.Combine(directory.FullPath, DatabaseLock.FileName);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            File.CreateSymbolicLink(path, path);
        var exception = Assert.Throws<StorageException>(() => DatabaseLock.Acquire(directory.FullPath));
        Assert.Equal(path, exception.Path);
        Assert.Contains("cannot be locked", exception.Message, StringComparison.Ordinal);
        if (OperatingSystem.IsWindows())
            Directory.Delete(path);
        else
            File.Delete(path);
    }

    /// <summary>A system that cannot lock a folder has the lock file alone.</summary>
    [Fact]
    public void Whoever_holds_the_lock_file_alone_is_an_owner_too()
    {
        using var directory = new TemporaryDirectory();
        var path = System.IO.Path.Combine(directory.FullPath, DatabaseLock.FileName);
        using (new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.Throws<DatabaseInUseException>(() => DatabaseLock.Acquire(directory.FullPath));
            Assert.Throws<DatabaseInUseException>(() => DatabaseLock.AcquireForReading(directory.FullPath));
        }

        DatabaseLock.Acquire(directory.FullPath).Dispose();
    }

    [Fact]
    public void A_second_owner_is_told_who_the_first_is()
    {
        using var directory = new TemporaryDirectory();
        using (DatabaseLock.Acquire(directory.FullPath))
        {
            var exception = Assert.Throws<DatabaseInUseException>(() => DatabaseLock.Acquire(directory.FullPath));
            Assert.Equal(Environment.ProcessId, exception.ProcessId);
            Assert.Contains(directory.FullPath, exception.Message, StringComparison.Ordinal);
        }

        using var again = DatabaseLock.Acquire(directory.FullPath);
    }

    [Fact]
    public void The_lock_of_a_killed_process_is_free()
    {
        using var directory = new TemporaryDirectory();
        using var child = Child.Start("lock", directory.FullPath);
        Assert.Equal("locked", child.StandardOutput.ReadLine());
        var exception = Assert.Throws<DatabaseInUseException>(() => DatabaseLock.Acquire(directory.FullPath));
        Assert.Equal(child.Id, exception.ProcessId);
        child.Kill();
        child.WaitForExit();
        using var free = DatabaseLock.Acquire(directory.FullPath);
    }
}

public sealed class CheckpointManifestTests
{
    private static CheckpointManifest Manifest(long address) =>
        new()
        {
            LogAddress = address,
            LexicalGeneration = 7,
            Records = new RecordCheckpoint
            {
                Token = Guid.NewGuid(),
                BeginAddress = 64,
                TailAddress = 4711,
                PageBytes = 1 << 20,
                SegmentBytes = 64 << 20,
                LongValues = new Dictionary<byte, long> { [3] = 5 },
                TailBlockSum = uint.MaxValue,
            },
            Properties = new Dictionary<string, string> { ["schema"] = "{\"ä\":1}" },
        };

    [Fact]
    public void Reads_what_was_written_and_keeps_the_one_before()
    {
        using var directory = new TemporaryDirectory();
        Assert.Null(CheckpointManifest.ReadNewest(directory.FullPath));
        Assert.Null(CheckpointManifest.ReadNewest(directory.Combine("none")));
        for (var i = 1; i <= 4; i++)
            Manifest(i).Write(directory.FullPath);
        var read = CheckpointManifest.ReadNewest(directory.FullPath)!;
        Assert.Equal(4, read.LogAddress);
        Assert.Equal(4, read.Number);
        Assert.Equal(7, read.LexicalGeneration);
        Assert.Equal(5, read.Records.LongValues[3]);
        Assert.Equal(uint.MaxValue, read.Records.TailBlockSum);
        Assert.Equal("{\"ä\":1}", read.Properties["schema"]);
        Assert.Equal(2, Directory.GetFiles(directory.FullPath).Length);
    }

    [Fact]
    public void Every_cut_falls_back_and_every_flipped_byte_is_an_error()
    {
        using var directory = new TemporaryDirectory();
        Manifest(1).Write(directory.FullPath);
        Manifest(2).Write(directory.FullPath);
        var newest = Directory.GetFiles(directory.FullPath).Max()!;
        var content = File.ReadAllBytes(newest);
        for (var length = 0; length < content.Length; length += 5)
        {
            File.WriteAllBytes(newest, content[..length]);
            Assert.Equal(1, CheckpointManifest.ReadNewest(directory.FullPath)!.LogAddress);
        }

        for (var i = 0; i < content.Length; i++)
        {
            var damaged = content.ToArray();
            damaged[i] ^= 0x10;
            File.WriteAllBytes(newest, damaged);
            var exception = Assert.Throws<StorageCorruptionException>(() => CheckpointManifest.ReadNewest(directory.FullPath));
            Assert.Equal(newest, exception.Path);
        }
    }

    [Fact]
    public void A_newer_version_is_refused_by_name()
    {
        using var directory = new TemporaryDirectory();
        Manifest(1).Write(directory.FullPath);
        var path = Directory.GetFiles(directory.FullPath).Single();
        var content = File.ReadAllBytes(path);
        BitConverter.TryWriteBytes(content.AsSpan(8), CheckpointManifest.CurrentFormatVersion + 1);
        BitConverter.TryWriteBytes(content.AsSpan(16), Checksum.Compute(content.AsSpan(0, 16)));
        File.WriteAllBytes(path, content);
        var exception = Assert.Throws<UnsupportedFormatVersionException>(() => CheckpointManifest.ReadNewest(directory.FullPath));
        Assert.Equal(CheckpointManifest.CurrentFormatVersion + 1, exception.Version);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }
}
