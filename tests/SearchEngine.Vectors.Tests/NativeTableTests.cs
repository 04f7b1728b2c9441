using SearchEngine.Vectors.Memory;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>How much memory rows take that lie in huge pages, and that they keep what is written to them.</summary>
public unsafe class NativeTableTests
{
    // Code rows and held vectors of 256, 384, 640, 768 and 800 dimensions, links, states, parents; one that no block of a bearable size fits.
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(384)]
    [InlineData(640)]
    [InlineData(768)]
    [InlineData(832)]
    [InlineData(1536)]
    [InlineData(260)]
    [InlineData(4 * 8191)]
    public void Rows_fill_the_huge_pages_that_they_lie_in(int stride)
    {
        using var table = new NativeTable(stride);
        table.Ensure((int)((256L << 20) / stride));
        var pages = new HashSet<nint>();
        for (var chunk = 0; chunk < table.Chunks; chunk++)
        {
            var start = (nint)table.Chunk(chunk);
            for (var page = start / HugePages.Size; page <= (start + table.ChunkRowBytes - 1) / HugePages.Size; page++)
                pages.Add(page);
        }

        // The first chunk is on small pages where a table has no other.
        var least = table.Chunks * table.ChunkRowBytes;
        Assert.InRange((long)pages.Count * HugePages.Size, least, least + least / 16 + HugePages.Size);
    }

    /// <summary>What is taken of the system at once: no more than fills huge pages, and no more than it takes for that to matter little.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(64)]
    [InlineData(384)]
    [InlineData(640)]
    [InlineData(832)]
    [InlineData(260)]
    [InlineData(4 * 8191)]
    public void A_block_is_the_least_that_fills_huge_pages_or_loses_little_of_them(int stride)
    {
        const long LittleLost = 32L << 20;
        using var table = new NativeTable(stride);
        table.Ensure((int)((256L << 20) / stride));
        var blocks = new List<long>();
        for (var chunk = 0; chunk < table.Chunks; chunk++)
        {
            if (chunk > 0 && table.Chunk(chunk) == table.Chunk(chunk - 1) + table.ChunkRowBytes)
                blocks[^1] += table.ChunkRowBytes;
            else
                blocks.Add(table.ChunkRowBytes);
        }

        // The first chunk is alone, the last block may not be used up.
        Assert.Equal(table.ChunkRowBytes, blocks[0]);
        foreach (var bytes in blocks.Skip(1).SkipLast(1))
        {
            Assert.True(Suffices(bytes), $"{bytes} bytes");
            for (var fewer = table.ChunkRowBytes; fewer < bytes; fewer *= 2)
                Assert.False(Suffices(fewer), $"{fewer} bytes instead of {bytes}");
        }

        Assert.True(blocks.Count >= 4, $"{blocks.Count} blocks");

        static bool Suffices(long bytes) => bytes % HugePages.Size == 0 || bytes >= LittleLost;
    }

    [Theory]
    [InlineData(384)]
    [InlineData(260)]
    public void Rows_keep_what_is_written_to_them_while_the_table_grows(int stride)
    {
        using var table = new NativeTable(stride);
        var step = (1 << table.ChunkShift) / 3;
        for (var row = 0; row < 12 << table.ChunkShift; row += step)
        {
            table.Ensure(row);
            Assert.False(new ReadOnlySpan<byte>(table.Row(row), stride).ContainsAnyExcept((byte)0));
            new Span<byte>(table.Row(row), stride).Fill((byte)(row / step + 1));
        }

        for (var row = 0; row < 12 << table.ChunkShift; row += step)
            Assert.False(new ReadOnlySpan<byte>(table.View.Row(row), stride).ContainsAnyExcept((byte)(row / step + 1)));
    }
}
