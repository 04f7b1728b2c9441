using System.Buffers;
using System.Runtime.InteropServices;
using SearchEngine.Storage.Records;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests.Records;

/// <summary>Rule: arranging an image changes where overflow buckets lie, and nothing of what a bucket's chain holds.</summary>
public sealed class IndexImageOrderTests
{
    private const int Words = 8;
    private const int Buckets = 64;
    private const int First = 16;
    private const ulong NumberMask = (1UL << 48) - 1;

    [Fact]
    public void Every_bucket_keeps_its_entries_in_their_order_and_chains_lie_one_after_another()
    {
        var random = new Random(TestSeed.Fresh());
        var image = Image(random, overflow: 200);
        var before = Chains(image);
        Assert.True(Arrange(image));
        Assert.Equal(before, Chains(image));
        Assert.Equal(Enumerable.Range(First, 200), Numbers(image));
        // Arranged again it stays as it is.
        var once = image.ToArray();
        Assert.True(Arrange(image));
        Assert.Equal(once, image);
    }

    [Fact]
    public void An_image_whose_chains_are_not_sound_is_left_as_it_is()
    {
        var random = new Random(TestSeed.Fresh());
        foreach (var target in new ulong[] { First, Buckets * 1000, 1UL << 40 })
        {
            // One chain leads into another, or out of the file.
            var image = Image(random, overflow: 200);
            image[(Buckets + First + 100) * Words + Words - 1] = target;
            var before = image.ToArray();
            Assert.False(Arrange(image));
            Assert.Equal(before, image);
        }
    }

    [Fact]
    public void An_image_with_few_chains_is_left_as_it_is()
    {
        var image = Image(new Random(TestSeed.Fresh()), overflow: 3);
        Assert.False(Arrange(image));
        // A table of a few buckets, none of which has overflowed; and less than a table.
        Assert.False(IndexImageOrder.TryArrange(new byte[8 * Words * sizeof(ulong)], 8 * Words * sizeof(ulong)));
        Assert.False(IndexImageOrder.TryArrange(new byte[Words * sizeof(ulong)], Buckets * Words * sizeof(ulong)));
    }

    [Theory]
    [InlineData(1 << 20, 1 << 20, false)]
    [InlineData((1 << 20) + (1 << 15), 1 << 20, false)]
    [InlineData((1 << 20) + (1 << 16), 1 << 20, true)]
    [InlineData(512, 512, false)]
    [InlineData(0, 512, false)]
    [InlineData(128L << 20, 64 << 20, true)]
    [InlineData((128L << 20) + 1, 64 << 20, false)]
    public void An_image_is_read_again_only_where_it_has_chains_and_memory_for_it_is_there(long image, long table, bool pays) =>
        Assert.Equal(pays, IndexImageOrder.Pays(image, table));

    [Fact]
    public async Task A_store_writes_its_image_arranged_and_comes_back_with_every_key()
    {
        const int Count = 20_000;
        using var directory = new TemporaryDirectory();
        var options = new RecordStoreOptions
        {
            MemoryBytes = 4 << 20,
            HashIndexBytes = 64 << 10,
            IndexImageBytes = 64 << 10,
        };
        RecordCheckpoint checkpoint;
        using (var store = RecordStore.Create(directory.FullPath, options))
        {
            for (var key = 0; key < Count; key++)
                store.Upsert(RecordParts.Space, RecordParts.Key(key), RecordParts.Value(key, 40));
            checkpoint = await store.CheckpointAsync(TestContext.Current.CancellationToken);
            for (var key = 0; key < Count; key += 7)
                store.Delete(RecordParts.Space, RecordParts.Key(key));
            checkpoint = await store.CheckpointAsync(TestContext.Current.CancellationToken);
        }

        var files = Directory.GetFiles(directory.FullPath, $"index-{checkpoint.IndexToken:N}.image.0");
        var image = MemoryMarshal.Cast<byte, ulong>(File.ReadAllBytes(Assert.Single(files))).ToArray();
        var numbers = Numbers(image, (64 << 10) / (Words * sizeof(ulong)));
        Assert.InRange(numbers.Count, 1000, int.MaxValue);
        Assert.Equal(Enumerable.Range(numbers[0], numbers.Count), numbers);

        using var recovered = RecordStore.Recover(directory.FullPath, options, checkpoint);
        for (var key = 0; key < Count; key++)
        {
            var value = new ArrayBufferWriter<byte>();
            Assert.Equal(key % 7 != 0, recovered.TryRead(RecordParts.Space, RecordParts.Key(key), value));
            if (key % 7 != 0)
                Assert.Equal(RecordParts.Value(key, 40), value.WrittenSpan.ToArray());
        }
    }

    private static bool Arrange(ulong[] image) =>
        IndexImageOrder.TryArrange(MemoryMarshal.AsBytes(image.AsSpan()), Buckets * Words * sizeof(ulong));

    /// <summary>A table of which any bucket has overflowed into any of the buckets after the first, with latches in the high bits.</summary>
    private static ulong[] Image(Random random, int overflow)
    {
        var image = new ulong[(Buckets + First + overflow) * Words];
        for (var i = 0; i < image.Length; i++)
            image[i] = i % Words == Words - 1 ? 0 : (ulong)random.NextInt64();
        var free = Enumerable.Range(First, overflow).ToArray();
        random.Shuffle(free);
        foreach (var number in free)
        {
            ref var end = ref image[random.Next(Buckets) * Words + Words - 1];
            while ((end & NumberMask) != 0)
                end = ref image[(Buckets + (int)(end & NumberMask)) * Words + Words - 1];
            end = ((ulong)random.Next(1 << 15) << 48) | (uint)number;
        }
        return image;
    }

    /// <summary>What each bucket's chain holds: its entries and latches, without where it lies.</summary>
    private static List<List<ulong>> Chains(ulong[] image)
    {
        var chains = new List<List<ulong>>();
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            var held = new List<ulong>();
            for (int at = bucket, next = -1; next != 0; at = Buckets + next)
            {
                held.AddRange(image[(at * Words)..(at * Words + Words - 1)]);
                held.Add(image[at * Words + Words - 1] >> 48);
                next = (int)(image[at * Words + Words - 1] & NumberMask);
            }
            chains.Add(held);
        }
        return chains;
    }

    /// <summary>The numbers of the overflow buckets, chain by chain.</summary>
    private static List<int> Numbers(ulong[] image, int buckets = Buckets)
    {
        var numbers = new List<int>();
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            for (var link = image[bucket * Words + Words - 1] & NumberMask; link != 0; )
            {
                numbers.Add((int)link);
                link = image[(buckets + (int)link) * Words + Words - 1] & NumberMask;
            }
        }
        return numbers;
    }
}
