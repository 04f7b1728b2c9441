using SearchEngine.Storage.Records;
using Xunit;

namespace SearchEngine.Storage.Tests.Records;

public sealed class RecordWriterTests
{
    [Fact]
    public void Every_change_has_a_number_and_a_deletion_says_whether_there_was_something()
    {
        using var parts = new RecordParts();
        parts.Write(1, [1]);
        parts.Write(1, [2]);
        Assert.Equal(2, parts.Writer.Sequence);
        Assert.True(parts.Writer.Change(RecordParts.Space, RecordParts.Key(1), default, deleted: true));
        Assert.False(parts.Writer.Change(RecordParts.Space, RecordParts.Key(1), default, deleted: true));
        Assert.Equal(3, parts.Writer.Sequence);
        Assert.Null(parts.Read(1));
    }

    [Fact]
    public void A_long_value_is_put_together_from_its_parts_and_they_go_with_it()
    {
        using var parts = new RecordParts();
        var large = RecordParts.Value(3, 3 * parts.Log.PageBytes + 5);
        parts.Write(1, large);
        Assert.Equal(large, parts.Read(1));
        Assert.Equal([RecordParts.Space], parts.Writer.LongValueCounts().Keys);
        parts.Write(1, [9]);
        Assert.Equal([9], parts.Read(1)!);
        var live = 0;
        parts.Scanner.ForEachVersion(
            parts.Log.BeginAddress,
            parts.Scanner.Freeze().End,
            CancellationToken.None,
            (key, value, address) =>
            {
                using var lease = parts.Log.Rent();
                if (
                    (RecordCodec.Flags(value) & RecordCodec.DeletedFlag) == 0
                    && parts.Reader.IsNewest(lease, key, address, new RecordBuffer(), out _)
                )
                {
                    live++;
                }
                return true;
            }
        );
        Assert.Equal(1, live);
    }

    [Fact]
    public void Only_the_newest_version_of_a_record_is_moved_and_it_keeps_its_number()
    {
        using var parts = new RecordParts();
        parts.Write(1, [1]);
        // FASTER shows a replaced version to a scan only where it could not be changed any more when it was replaced.
        parts.Scanner.Freeze();
        parts.Write(1, [2]);
        var moved = new List<(byte Value, bool Moved)>();
        var (begin, end, sequence) = parts.Scanner.Freeze();
        parts.Scanner.ForEachVersion(
            begin,
            end,
            CancellationToken.None,
            (key, value, address) =>
            {
                moved.Add((RecordCodec.Payload(value)[0], parts.Writer.MoveToEnd(key, value, address, new RecordBuffer())));
                return true;
            }
        );
        Assert.Equal([(1, false), (2, true)], moved);
        Assert.Equal(sequence, parts.Writer.Sequence);
        Assert.Equal([2], parts.Read(1)!);
    }
}
