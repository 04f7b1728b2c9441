using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class ByteFlipTests(ITestOutputHelper output)
{
    private static readonly RecordStoreOptions Options = TestDatabase.RecordOptions(null) with
    {
        HashIndexBytes = 512,
        IndexImageBytes = 1,
    };

    [Fact]
    public async Task Every_flipped_byte_is_detected_or_changes_nothing()
    {
        using var directory = new TemporaryDirectory();
        var model = new Dictionary<int, byte[]>();
        using (var database = TestDatabase.Open(directory.FullPath, recordOptions: Options))
        {
            Write(database, 1, 20);
            Write(database, 2, 33);
            Write(database, 3, 0);
            await database.CheckpointAsync();
            Write(database, 1, 40);
            Write(database, 2, null);
            await database.CheckpointAsync();
            Write(database, 4, 25);
            Write(database, 3, 7);
        }

        var unaffected = 0;
        var detected = 0;
        foreach (var file in Directory.GetFiles(directory.FullPath, "*", SearchOption.AllDirectories).Order())
        {
            var content = File.ReadAllBytes(file);
            for (var i = 0; i < content.Length; i++)
            {
                var damaged = content.ToArray();
                damaged[i] ^= (byte)(1 << (i % 8));
                File.WriteAllBytes(file, damaged);
                try
                {
                    using var database = TestDatabase.Open(directory.FullPath, recordOptions: Options);
                    var all = database.ReadAll();
                    Assert.True(all.Count == model.Count, $"{file}, byte {i}: {all.Count} records");
                    foreach (var (key, value) in model)
                    {
                        Assert.True(value.AsSpan().SequenceEqual(all[key]), $"{file}, byte {i}: key {key} in a scan");
                        Assert.True(value.AsSpan().SequenceEqual(database.Read(key)), $"{file}, byte {i}: key {key}");
                    }

                    unaffected++;
                }
                catch (StorageException)
                {
                    detected++;
                }

                File.WriteAllBytes(file, content);
            }

            // A refusal must have left the other files as they were.
            using (var whole = TestDatabase.Open(directory.FullPath, recordOptions: Options))
                Assert.Equal(model.Count, whole.ReadAll().Count);
            output.WriteLine($"{Path.GetFileName(file)}: {content.Length} bytes; so far {detected} detected, {unaffected} without effect");
        }

        Assert.True(detected > unaffected);

        void Write(TestDatabase database, int key, int? length)
        {
            var value = length is { } count ? Enumerable.Range(0, count).Select(i => (byte)(i * 7 + key)).ToArray() : null;
            database.Write(key, value);
            if (value is null)
                model.Remove(key);
            else
                model[key] = value;
        }
    }
}
