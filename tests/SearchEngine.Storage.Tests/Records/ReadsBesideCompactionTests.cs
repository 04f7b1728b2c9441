using System.Buffers.Binary;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests.Records;

/// <summary>
/// Rule: a key that always exists is found by every read, whatever compaction moves meanwhile. A reader that is held up between the hash
/// index and the record finds neither the record, which lies before the log's new begin, nor its copy.
/// </summary>
public sealed class ReadsBesideCompactionTests
{
    [Fact]
    public void A_key_that_always_exists_is_found_while_the_log_is_compacted()
    {
        const int Keys = 64;
        const int Compactions = 200;
        using var directory = new TemporaryDirectory();
        using var store = RecordStore.Create(
            directory.FullPath,
            new RecordStoreOptions { MemoryBytes = RecordStoreOptions.MinimumMemoryBytes }
        );
        var value = new byte[4];
        for (var key = 0; key < Keys; key++)
            store.Upsert(1, Key(key), value);
        using var stop = new CancellationTokenSource();
        var missed = 0L;
        var reads = 0L;
        // More readers than cores: one that is put aside in the middle of a read is what it takes.
        var readers = Enumerable
            .Range(0, 8)
            .Select(reader =>
            {
                var thread = new Thread(() =>
                {
                    for (var i = reader; !stop.IsCancellationRequested; i++)
                    {
                        if (!store.Contains(1, Key(i % Keys)))
                            Interlocked.Increment(ref missed);
                        Interlocked.Increment(ref reads);
                    }
                });
                thread.Start();
                return thread;
            })
            .ToArray();
        for (var i = 0; i < Compactions; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(value, i);
            store.Upsert(1, Key(i % Keys), value);
            store.Compact();
        }

        stop.Cancel();

        foreach (var reader in readers)
            reader.Join();
        Assert.True(missed == 0, $"{missed} of {reads} reads beside {Compactions} compactions found nothing");
    }

    private static byte[] Key(int key)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, key);
        return bytes;
    }
}
