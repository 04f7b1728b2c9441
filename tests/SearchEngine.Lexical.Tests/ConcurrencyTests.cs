using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

public sealed class ConcurrencyTests : IDisposable
{
    private readonly IndexFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Searches_see_whole_documents_while_others_write()
    {
        const int Ordinals = 200;
        using var index = _fixture.Open();
        // Each version of a document carries one tag and the same word twice: a torn or doubled document would show.
        index.Add(Enumerable.Range(0, Ordinals).Select(i => Doc(i, "always version0 mark0", tag: "v0")));
        index.Refresh();
        using var stop = new CancellationTokenSource();

        Task[] writers =
        [
            .. Enumerable
                .Range(0, 2)
                .Select(w =>
                    Task.Run(() =>
                    {
                        var random = new Random(w);
                        for (var i = 1; i <= 1500; i++)
                        {
                            var version = random.Next(5);
                            index.Add([Doc(random.Next(Ordinals), $"always version{version} mark{version}", tag: "v" + version)]);
                            if (i % 50 == 0)
                                index.Refresh();
                            if (i % 500 == 0)
                                index.Commit(new Dictionary<string, string>());
                        }
                    })
                ),
        ];
        Task[] readers =
        [
            .. Enumerable
                .Range(0, 2)
                .Select(_ =>
                    Task.Run(() =>
                    {
                        while (!stop.IsCancellationRequested)
                        {
                            var all = index.Search(new LexicalQuery { Text = "always", Top = 1000 });
                            Assert.Equal(Ordinals, all.Select(h => h.Ordinal).Distinct().Count());
                            Assert.Equal(Ordinals, all.Count);
                            Assert.Equal(Ordinals, index.Filter(LexicalFilter.All).Count);
                            Assert.True(
                                index.Highlight("version3 was always here", new LexicalQuery { Text = "always version3" }).Matches.Count
                                    == 2
                            );
                        }
                    })
                ),
        ];
        await Task.WhenAll(writers);
        await stop.CancelAsync();
        await Task.WhenAll(readers);

        index.Refresh();
        Assert.Equal(Enumerable.Range(0, Ordinals), All(index));
        for (var version = 0; version < 5; version++)
        {
            var tagged = index.Filter(new LexicalFilter.Equal("tag", "v" + version)).Ordinals();
            Assert.Equal(tagged, Search(index, "version" + version, top: 1000).Order());
        }
        Assert.Null(index.LastMergeError);
    }
}
