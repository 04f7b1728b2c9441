using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Lexical.Tests;

/// <summary>Rule: whatever goes on beside the first writes after an opening, an ordinal has one document.</summary>
public class FirstWriteTests
{
    private const int Known = 200;
    private const int Openings = 12;
    private const int Threads = 4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task First_writes_of_many_threads_beside_refreshes_and_commits_leave_one_document_each(bool readOnly)
    {
        var random = new Random(TestSeed.Fresh());
        using var directory = new TemporaryDirectory();
        var schema = IndexFixture.Schema;
        var generation = 0L;
        using (var index = LexicalIndex.Open(directory.FullPath, schema))
        {
            for (var ordinal = 0; ordinal < Known; ordinal++)
            {
                index.Add([IndexFixture.Doc(ordinal, "whales of the north")]);
                if (ordinal % 40 == 39)
                    generation = index.Commit(new Dictionary<string, string>());
            }
            index.Delete([3, 5]);
            generation = index.Commit(new Dictionary<string, string>());
        }

        for (var opening = 0; opening < Openings; opening++)
        {
            using var index = readOnly
                ? LexicalIndex.OpenReadOnly(directory.FullPath, schema, generation)
                : LexicalIndex.Open(directory.FullPath, schema, generation);
            using var begin = new Barrier(Threads + 1);
            var seeds = Enumerable.Range(0, Threads).Select(_ => random.Next()).ToArray();
            var writers = seeds
                .Select(seed =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            var own = new Random(seed);
                            begin.SignalAndWait();
                            for (var i = 0; i < 60; i++)
                            {
                                var ordinal = own.Next(Known + 20);
                                if (own.Next(4) == 0)
                                    index.Delete([ordinal]);
                                else
                                    index.Add([IndexFixture.Doc(ordinal, $"seas of the south {seed}")]);
                            }
                        },
                        TaskCreationOptions.LongRunning
                    )
                )
                .ToArray();
            begin.SignalAndWait();
            var all = Task.WhenAll(writers);
            while (!all.IsCompleted)
            {
                index.Refresh();
                if (!readOnly && random.Next(2) == 0)
                    index.Commit(new Dictionary<string, string>());
            }
            await all;
            // Every ordinal once more: what is there twice shows.
            for (var ordinal = 0; ordinal < Known + 20; ordinal += 2)
                index.Add([IndexFixture.Doc(ordinal, "ends")]);
            for (var ordinal = 1; ordinal < Known + 20; ordinal += 8)
                index.Delete([ordinal]);
            index.Refresh();
            var ordinals = new List<int>();
            index.ForEachOrdinal(ordinals.Add);
            Assert.Equal(ordinals.Distinct().Count(), ordinals.Count);
            Assert.All(Enumerable.Range(0, (Known + 20) / 2), half => Assert.Contains(half * 2, ordinals));
            Assert.DoesNotContain(ordinals, ordinal => ordinal % 8 == 1);
            if (!readOnly)
                generation = index.Commit(new Dictionary<string, string>());
        }
    }
}
