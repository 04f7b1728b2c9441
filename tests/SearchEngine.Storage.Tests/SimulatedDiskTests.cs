using System.Text;
using SearchEngine.TestDisks;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

/// <summary>The disk that the other tests rely on forgets what it should, and only that.</summary>
public sealed class SimulatedDiskTests
{
    private const int Tries = 60;

    /// <summary>What is in a folder after a loss of power, over many of them: name and text of each file, sorted, joined.</summary>
    private static HashSet<string> Outcomes(Action<SimulatedDisk, string> run)
    {
        var outcomes = new HashSet<string>();
        for (var seed = 0; seed < Tries; seed++)
        {
            using var directory = new TemporaryDirectory();
            var disk = new SimulatedDisk(directory.Combine("disk"));
            run(disk, directory.Combine("disk"));
            disk.LosePower(new Random(seed));
            outcomes.Add(
                string.Join(
                    ' ',
                    Directory
                        .GetFiles(directory.Combine("disk"), "*", SearchOption.AllDirectories)
                        .Order()
                        .Select(path => $"{Path.GetRelativePath(directory.Combine("disk"), path)}={File.ReadAllText(path)}")
                )
            );
        }

        return outcomes;
    }

    private static void Write(SimulatedDisk disk, string path, string text, bool flush)
    {
        using var file = disk.Open(path, FileMode.Create, FileAccess.ReadWrite);
        file.Write(Encoding.ASCII.GetBytes(text), 0);
        if (flush)
            file.Flush();
    }

    [Fact]
    public void A_file_that_was_flushed_may_be_gone_until_its_folder_is()
    {
        Assert.Equal(["", "a=1"], Outcomes((disk, root) => Write(disk, Path.Combine(root, "a"), "1", flush: true)).Order());
        Assert.Equal(
            ["a=1"],
            Outcomes(
                (disk, root) =>
                {
                    Write(disk, Path.Combine(root, "a"), "1", flush: true);
                    disk.FlushDirectory(root);
                }
            )
        );
    }

    [Fact]
    public void A_renamed_file_may_have_its_old_name_or_none_of_its_bytes()
    {
        Assert.Equal(
            ["a=", "a=old", "a=new"],
            Outcomes(
                    (disk, root) =>
                    {
                        Write(disk, Path.Combine(root, "a"), "old", flush: true);
                        Write(disk, Path.Combine(root, "b"), "new", flush: false);
                        disk.FlushDirectory(root);
                        disk.Move(Path.Combine(root, "b"), Path.Combine(root, "a"));
                    }
                )
                .Select(outcome => outcome.Split(' ')[0])
                .Distinct()
                .OrderBy(text => text.Length)
                .ThenByDescending(text => text)
        );
    }

    [Fact]
    public void A_removed_file_may_be_back()
    {
        Assert.Equal(
            ["", "a=1"],
            Outcomes(
                    (disk, root) =>
                    {
                        Write(disk, Path.Combine(root, "a"), "1", flush: true);
                        disk.FlushDirectory(root);
                        disk.Delete(Path.Combine(root, "a"));
                    }
                )
                .Order()
        );
    }

    [Fact]
    public void A_folder_is_there_with_what_is_in_it_only_when_its_own_name_is_durable()
    {
        Assert.Equal(
            [""],
            Outcomes(
                    (disk, root) =>
                    {
                        // Not the disk's durable way to make a folder: its parent was never flushed.
                        disk.CreateDirectory(Path.Combine(root, "f"));
                        Write(disk, Path.Combine(root, "f", "a"), "1", flush: true);
                    }
                )
                .Where(outcome => !outcome.Contains('a'))
        );
        Assert.Equal(
            ["f/a=1"],
            Outcomes(
                (disk, root) =>
                {
                    disk.CreateDirectory(Path.Combine(root, "f"));
                    Write(disk, Path.Combine(root, "f", "a"), "1", flush: true);
                    disk.FlushDirectory(Path.Combine(root, "f"));
                }
            )
        );
    }

    [Fact]
    public void Bytes_that_were_not_flushed_are_there_in_part()
    {
        var outcomes = Outcomes(
            (disk, root) =>
            {
                Write(disk, Path.Combine(root, "a"), new string('1', 2048), flush: true);
                disk.FlushDirectory(root);
                using var file = disk.Open(Path.Combine(root, "a"), FileMode.Open, FileAccess.ReadWrite);
                file.Write(Encoding.ASCII.GetBytes(new string('2', 2048)), 0);
            }
        );
        Assert.True(outcomes.Count > 3, $"{outcomes.Count} outcomes");
        Assert.All(outcomes, outcome => Assert.Equal(2048 + 2, outcome.Length));
    }

    [Fact]
    public void A_file_made_past_the_disk_is_an_error()
    {
        using var directory = new TemporaryDirectory();
        var disk = new SimulatedDisk(directory.Combine("disk"));
        File.WriteAllText(Path.Combine(directory.Combine("disk"), "a"), "1");
        Assert.Throws<InvalidOperationException>(() => disk.LosePower(new Random(1)));
    }

    /// <summary>Rule: an atomic file is forced to the disk before it is renamed, and its folder afterwards.</summary>
    [Fact]
    public void An_atomic_file_is_old_or_new_at_every_moment_and_new_once_the_call_returned()
    {
        for (var seed = 0; seed < Tries; seed++)
        {
            using var directory = new TemporaryDirectory();
            var root = directory.Combine("disk");
            var path = Path.Combine(root, "file");
            AtomicFile.Write(PathIn(root), Encoding.ASCII.GetBytes(new string('o', 3000)));
            var disk = new SimulatedDisk(root, Fault.None);
            AtomicFile.Write(path, Encoding.ASCII.GetBytes(new string('n', 4000)), disk);
            disk.LosePower(new Random(seed));
            Assert.True(File.ReadAllText(path) == new string('n', 4000), $"seed {seed}: {new FileInfo(path).Length} bytes");
        }

        static string PathIn(string root)
        {
            Directory.CreateDirectory(root);
            return Path.Combine(root, "file");
        }
    }
}
