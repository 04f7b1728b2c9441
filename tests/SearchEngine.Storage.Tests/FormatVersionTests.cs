using System.Buffers.Binary;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

/// <summary>
/// Every kind of file that a newer version of the library wrote is refused by name, and no other file is changed; the record file itself
/// is cut back to its checkpoint first, as at every opening.
/// </summary>
public sealed class FormatVersionTests
{
    [Theory]
    [InlineData("MANIFEST-*", 16, 16)]
    [InlineData("write-*.log", 60, 60)]
    [InlineData("checkpoint-*.meta", 12, 12)]
    [InlineData("index-*.meta", 12, 12)]
    [InlineData("records.log.0.sums", 12, 12)]
    [InlineData("index-*.sums", 12, 12)]
    public async Task A_newer_format_is_refused(string pattern, int sumAt, int sumOf)
    {
        using var directory = new TemporaryDirectory();
        var options = TestDatabase.RecordOptions(null) with { IndexImageBytes = 1 };
        using (var database = TestDatabase.Open(directory.FullPath, recordOptions: options))
        {
            for (var i = 0; i < 50; i++)
                database.Write(i, new byte[100]);
            await database.CheckpointAsync();
        }

        foreach (var file in Directory.GetFiles(directory.FullPath, pattern, SearchOption.AllDirectories))
        {
            var content = File.ReadAllBytes(file);
            BinaryPrimitives.WriteInt32LittleEndian(content.AsSpan(8), 99);
            var sum = pattern.EndsWith(".meta", StringComparison.Ordinal)
                ? Checksum.Compute(content.AsSpan(0, sumOf), content.AsSpan(16))
                : Checksum.Compute(content.AsSpan(0, sumOf));
            BinaryPrimitives.WriteUInt32LittleEndian(content.AsSpan(sumAt), sum);
            File.WriteAllBytes(file, content);
        }

        var before = Snapshot(directory.FullPath);
        var exception = Assert.Throws<UnsupportedFormatVersionException>(() =>
        {
            using var database = TestDatabase.Open(directory.FullPath, recordOptions: options);
            database.ReadAll();
        });
        Assert.Equal(99, exception.Version);
        Assert.Contains(
            Path.GetFileName(Directory.GetFiles(directory.FullPath, pattern, SearchOption.AllDirectories)[0])[..5],
            exception.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(before, Snapshot(directory.FullPath));
    }

    private static Dictionary<string, string> Snapshot(string directory) =>
        Directory
            .GetFiles(directory, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not ("durable.mark" or "records.log.0"))
            .ToDictionary(file => file, file => Convert.ToHexString(File.ReadAllBytes(file)));
}
