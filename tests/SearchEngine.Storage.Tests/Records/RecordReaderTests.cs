using Xunit;

namespace SearchEngine.Storage.Tests.Records;

/// <summary>Rule: what a damaged block holds is told as damage at every read, and is neither missing nor waited for; all else is found.</summary>
public sealed class RecordReaderTests
{
    [Fact]
    public void A_key_in_a_damaged_block_is_damaged_each_time_and_the_others_are_found()
    {
        const int Count = 12_000,
            Length = 700;
        using var parts = new RecordParts();
        for (var key = 0; key < Count; key++)
            parts.Write(key, RecordParts.Value(key, Length));
        Assert.True(parts.Log.Store.Log.HeadAddress > parts.Log.SegmentBytes, "the first file is still in memory");
        using (
            var file = new FileStream(
                parts.Log.Device.SegmentPath(0),
                FileMode.Open,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete
            )
        )
        {
            file.Position = parts.Log.SegmentBytes / 2 + 100;
            var value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }

        for (var round = 0; round < 2; round++)
        {
            var damaged = 0;
            for (var key = 0; key < Count; key++)
            {
                try
                {
                    Assert.Equal(RecordParts.Value(key, Length), parts.Read(key));
                }
                catch (StorageCorruptionException exception)
                {
                    damaged++;
                    Assert.Equal(RecordParts.Space, exception.Space);
                    Assert.Equal(RecordParts.Key(key), exception.Key);
                }
            }

            // Those that begin, lie or end in the block.
            Assert.InRange(damaged, 1, RecordDevice.BlockBytes / Length + 2);
        }
    }
}
