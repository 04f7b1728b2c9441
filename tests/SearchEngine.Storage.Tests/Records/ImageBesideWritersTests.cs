using System.Buffers;
using System.Buffers.Binary;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests.Records;

/// <summary>Rule: an image that is written and arranged beside writers loses and brings back nothing, however often it is taken.</summary>
public sealed class ImageBesideWritersTests
{
    private const int Writers = 3;
    private const int Keys = 8000;
    private const int Rounds = 8;

    [Fact]
    public async Task Every_key_is_what_it_was_between_the_begin_and_the_end_of_the_checkpoint()
    {
        var seed = TestSeed.Fresh();
        using var directory = new TemporaryDirectory();
        var options = new RecordStoreOptions
        {
            MemoryBytes = 4 << 20,
            HashIndexBytes = 16 << 10,
            IndexImageBytes = 64 << 10,
        };
        // The version of a key that is certainly written; odd ones are removals.
        var versions = new int[Writers * Keys];
        var store = RecordStore.Create(directory.FullPath, options);
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            using var stop = new CancellationTokenSource();
            var current = store;
            // More keys every round: buckets overflow while the image is written.
            var keys = Keys / Rounds * (round + 1);
            var writers = Enumerable
                .Range(0, Writers)
                .Select(w =>
                {
                    var own = new Random(random.Next());
                    return Task.Run(() =>
                    {
                        while (!stop.IsCancellationRequested)
                        {
                            var key = w * Keys + own.Next(keys);
                            var version = versions[key] + 1;
                            if (version % 5 == 4)
                                current.Delete(RecordParts.Space, RecordParts.Key(key));
                            else
                                current.Upsert(RecordParts.Space, RecordParts.Key(key), Value(version));
                            Volatile.Write(ref versions[key], version);
                        }
                    });
                })
                .ToArray();
            await Task.Delay(random.Next(10));
            RecordCheckpoint checkpoint = null!;
            int[] before = [];
            int[] after = [];
            for (var i = 0; i <= random.Next(3); i++)
            {
                before = Copy(versions);
                checkpoint = await store.CheckpointAsync(TestContext.Current.CancellationToken);
                after = Copy(versions);
                if (random.Next(2) == 0)
                    store.RemoveCheckpointsExcept(checkpoint);
            }
            await Task.Delay(random.Next(50));
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            store.Dispose();

            store = RecordStore.Recover(directory.FullPath, options, checkpoint);
            var buffer = new ArrayBufferWriter<byte>();
            for (var key = 0; key < versions.Length; key++)
            {
                buffer.Clear();
                // One change may have been under way at the end.
                var possible = Enumerable.Range(before[key], after[key] + 2 - before[key]);
                if (store.TryRead(RecordParts.Space, RecordParts.Key(key), buffer))
                {
                    versions[key] = BinaryPrimitives.ReadInt32LittleEndian(buffer.WrittenSpan);
                    Assert.True(
                        possible.Contains(versions[key]),
                        $"{seed}: round {round}, key {key}: {versions[key]}, not {before[key]} to {after[key]}"
                    );
                }
                else
                {
                    Assert.True(
                        possible.Any(v => v == 0 || v % 5 == 4),
                        $"{seed}: round {round}, key {key} is gone: {before[key]} to {after[key]}"
                    );
                    versions[key] = possible.First(v => v == 0 || v % 5 == 4);
                }
            }
        }
        store.Dispose();
    }

    private static int[] Copy(int[] versions)
    {
        var copy = new int[versions.Length];
        for (var i = 0; i < copy.Length; i++)
            copy[i] = Volatile.Read(ref versions[i]);
        return copy;
    }

    private static byte[] Value(int version)
    {
        var value = new byte[24];
        BinaryPrimitives.WriteInt32LittleEndian(value, version);
        return value;
    }
}
