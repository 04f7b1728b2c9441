using Lucene.Net.Store;
using SearchEngine.Lexical.Indexing;
using static SearchEngine.Lexical.Tests.IndexFixture;
using Directory = System.IO.Directory;

namespace SearchEngine.Lexical.Tests;

/// <summary>What an index that is written to keeps in memory.</summary>
public sealed class FlushTests : IDisposable
{
    private readonly IndexFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Segments_of_megabytes_are_files_before_a_commit_and_small_ones_are_not()
    {
        using var index = _fixture.Open();
        index.Add(Documents(0, 20));
        index.Refresh();
        Assert.Empty(Directory.EnumerateFiles(_fixture.Path, "*.cfs"));

        // Nearly two megabytes as a file.
        index.Add(Documents(20, 1_000));
        index.Refresh();
        Assert.Single(Directory.EnumerateFiles(_fixture.Path, "*.cfs"));
    }

    [Fact]
    public void The_writer_does_not_hold_more_than_sixteen_megabytes_of_documents()
    {
        using var index = _fixture.Open();
        index.Add(Documents(0, 5_000));
        Assert.NotEmpty(Directory.EnumerateFiles(_fixture.Path, "*.cfs"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(131_072)]
    [InlineData(1_000_003)]
    public void A_files_content_is_held_in_parts_and_given_on_as_it_was_written(int bytes)
    {
        var written = new byte[bytes];
        new Random(7).NextBytes(written);
        using var lucene = new RAMOutputStream();
        using var content = new FlushedContent();
        for (var at = 0; at < bytes; )
        {
            // Some byte by byte, some in pieces of any length.
            var n = Math.Min(bytes - at, at % 3 == 0 ? 1 : 5_000 + at % 40_000);
            foreach (var output in new IndexOutput[] { lucene, content })
            {
                if (n == 1)
                    output.WriteByte(written[at]);
                else
                    output.WriteBytes(written, at, n);
            }

            at += n;
            Assert.Equal(at, content.Position);
        }

        Assert.Equal(bytes, content.Length);
        Assert.Equal(lucene.Checksum, content.Checksum);
        using var copy = new RAMDirectory();
        using (var output = copy.CreateOutput("copy", IOContext.DEFAULT))
            content.WriteTo(output);
        using var input = copy.OpenInput("copy", IOContext.DEFAULT);
        var read = new byte[input.Length];
        input.ReadBytes(read, 0, read.Length);
        Assert.Equal(written, read);
        Assert.InRange(content.Parts, (bytes + 131_071) / 131_072, bytes / 131_072 + 1);
    }

    /// <summary>Documents of 120 words that no other has.</summary>
    private static IEnumerable<LexicalDocument> Documents(int first, int count)
    {
        var random = new Random(first);
        return Enumerable.Range(first, count).Select(i => Doc(i, string.Join(' ', Enumerable.Range(0, 120).Select(_ => Word(random)))));
    }

    private static string Word(Random random) => new(random.GetItems<char>("abcdefghijklmnopqrstuvwxyz", 8));
}
