using SearchEngine.Lexical.Indexing;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Lexical.Tests;

/// <summary>Rule: an opening looks at no document; the first write does, once, before it counts anything as new.</summary>
public class UsedOrdinalsTests
{
    [Fact]
    public void The_index_is_read_by_the_first_question_and_never_again()
    {
        var reads = 0;
        var used = new UsedOrdinals(mark =>
        {
            reads++;
            foreach (var ordinal in (int[])[0, 63, 64, 1000])
                mark(ordinal);
        });
        Assert.Equal(0, reads);
        Assert.True(used.Contains(1000));
        Assert.False(used.Contains(1001));
        Assert.False(used.Contains(1 << 24));
        Assert.False(used.Add(63));
        Assert.True(used.Add(65));
        Assert.False(used.Add(65));
        Assert.True(used.Contains(65));
        Assert.Equal(1, reads);
    }

    [Fact]
    public void What_could_not_be_read_is_read_by_the_next()
    {
        var isBroken = true;
        var used = new UsedOrdinals(mark =>
        {
            mark(1);
            if (isBroken)
                throw new IOException("the disk");
            mark(2);
        });
        Assert.Throws<IOException>(() => used.Contains(2));
        Assert.Throws<IOException>(() => used.Add(3));
        isBroken = false;
        Assert.True(used.Contains(1));
        Assert.True(used.Contains(2));
        Assert.True(used.Add(3));
    }

    [Fact]
    public void Any_sequence_is_that_of_a_set()
    {
        var random = new Random(TestSeed.Fresh());
        int[] before = [.. Enumerable.Range(0, 50).Select(_ => random.Next(300))];
        var used = new UsedOrdinals(mark => Array.ForEach(before, ordinal => mark(ordinal)));
        var set = before.ToHashSet();
        for (var i = 0; i < 2000; i++)
        {
            var ordinal = random.Next(400);
            if (random.Next(2) == 0)
                Assert.Equal(set.Contains(ordinal), used.Contains(ordinal));
            else
                Assert.Equal(set.Add(ordinal), used.Add(ordinal));
        }
    }

    [Fact]
    public void A_document_of_an_index_that_was_opened_again_is_replaced_by_the_first_write()
    {
        using var directory = new TemporaryDirectory();
        var schema = IndexFixture.Schema;
        using (var index = LexicalIndex.Open(directory.FullPath, schema))
        {
            index.Add([IndexFixture.Doc(7, "whales of the north")]);
            index.Commit(new Dictionary<string, string>());
        }
        using var again = LexicalIndex.Open(directory.FullPath, schema);
        again.Add([IndexFixture.Doc(7, "seas of the south")]);
        again.Refresh();
        var ordinals = new List<int>();
        again.ForEachOrdinal(ordinals.Add);
        Assert.Equal([7], ordinals);
    }
}
