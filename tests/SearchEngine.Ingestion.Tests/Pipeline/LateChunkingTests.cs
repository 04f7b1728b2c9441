using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using SearchEngine.TestSupport;

namespace SearchEngine.Ingestion.Tests.Pipeline;

/// <summary>Passages that are embedded in the context of their document.</summary>
public sealed class LateChunkingTests
{
    private static readonly ChunkerOptions Small = new()
    {
        MaxTokens = 24,
        OverlapTokens = 0,
        MinTokens = 0,
    };

    [Fact]
    public async Task Passages_of_a_document_are_embedded_together_and_those_of_others_apart()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.md", Text("otters", 3));
        fixture.Files.Write("b.jsonl", "{\"id\":\"x\",\"text\":\"herons wade\"}\n{\"id\":\"y\",\"text\":\"storks nest\"}\n");
        var calls = new Calls(fixture.Embedder);

        await fixture.IngestAsync(calls.Options);

        Assert.Equal([1, 1, 3], calls.Taken.Select(c => c.Count).Order());
        Assert.All(calls.Taken.Single(c => c.Count == 3), p => Assert.Contains("otters", p, StringComparison.Ordinal));
        // What is stored is what was given, in order: passage i of its call has the vector of "i of n: its text".
        foreach (var document in fixture.Collection.Query(new RecordQuery { IncludeVectors = true }))
        {
            var call = calls.Taken.Single(c =>
                c.Any(p => p.EndsWith(document.Get<string>(IngestionSchema.TextField)!, StringComparison.Ordinal))
            );
            var number = call.ToList()
                .FindIndex(p => p.EndsWith(document.Get<string>(IngestionSchema.TextField)!, StringComparison.Ordinal));
            var expected = await calls.VectorAsync(call, number);
            Assert.Equal(expected.ToArray(), document.Vectors[IngestionSchema.VectorField].ToArray());
        }
    }

    [Fact]
    public async Task A_change_embeds_all_of_its_document_anew_and_nothing_of_others()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.jsonl", "{\"id\":\"x\",\"text\":\"herons wade\"}\n{\"id\":\"y\",\"text\":\"storks nest\"}\n");
        fixture.Files.Write("b.md", Text("otters", 3));
        var calls = new Calls(fixture.Embedder);
        await fixture.IngestAsync(calls.Options);

        calls.Taken.Clear();
        await fixture.IngestAsync(calls.Options);
        Assert.Empty(calls.Taken);

        fixture.Files.Write(
            "a.jsonl",
            "{\"id\":\"x\",\"text\":\"herons wade\"}\n{\"id\":\"z\",\"text\":\"gulls cry\"}\n{\"id\":\"y\",\"text\":\"storks nest\"}\n"
        );
        await fixture.IngestAsync(calls.Options);
        Assert.Contains("gulls cry", Assert.Single(Assert.Single(calls.Taken)), StringComparison.Ordinal);

        calls.Taken.Clear();
        fixture.Files.Write("b.md", Text("otters", 2) + "\n\n## More\n\nthe last one is another now\n");
        await fixture.IngestAsync(calls.Options);
        Assert.Equal(3, Assert.Single(calls.Taken).Count);

        // Without the context all is embedded anew, by itself.
        calls.Taken.Clear();
        var report = await fixture.IngestAsync(calls.Options with { EmbedPassages = null });
        Assert.Equal(2, report.Read);
        Assert.Empty(calls.Taken);
    }

    [Fact]
    public async Task A_document_on_which_the_embedder_fails_is_embedded_passage_by_passage()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.md", Text("otters", 3));
        fixture.Files.Write("b.md", Text("herons", 2));
        var calls = new Calls(fixture.Embedder) { Fails = "otters" };

        var report = await fixture.IngestAsync(calls.Options);

        Assert.Empty(report.Failures);
        Assert.Equal(5, report.Chunks);
        Assert.All(
            fixture.Collection.Query(new RecordQuery { IncludeVectors = true }),
            d => Assert.NotEqual(0, d.Vectors[IngestionSchema.VectorField].Length)
        );
    }

    [Fact]
    public async Task A_model_that_cannot_ends_the_ingestion_by_name()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.md", Text("otters", 2));
        var options = new IngestionOptions { EmbedPassages = (_, _) => throw new NotSupportedException("pools by Last") };

        var e = await Assert.ThrowsAnyAsync<Exception>(() => fixture.IngestAsync(options));

        Assert.Contains("pools by Last", e.ToString(), StringComparison.Ordinal);
    }

    private static string Text(string word, int sections) =>
        string.Concat(
            Enumerable.Range(0, sections).Select(i => $"## Part {i}\n\nsection {i} is about {word} and how they live by the water\n\n")
        );

    /// <summary>An embedder whose vector of a passage says where in its document the passage stands.</summary>
    private sealed class Calls(HashingEmbeddingGenerator embedder)
    {
        public ConcurrentBag<IReadOnlyList<string>> Taken { get; } = [];

        public string? Fails { get; init; }

        public IngestionOptions Options => new() { Chunking = Small, EmbedPassages = EmbedAsync };

        public async Task<ReadOnlyMemory<float>> VectorAsync(IReadOnlyList<string> passages, int number) =>
            (await embedder.GenerateAsync([$"{number} of {passages.Count}: {passages[number]}"]))[0].Vector;

        private async Task<IReadOnlyList<ReadOnlyMemory<float>>> EmbedAsync(
            IReadOnlyList<string> passages,
            CancellationToken cancellationToken
        )
        {
            if (Fails is not null && passages.Any(p => p.Contains(Fails, StringComparison.Ordinal)))
                throw new InvalidOperationException("no");
            Taken.Add(passages);
            return await Task.WhenAll(passages.Select((_, i) => VectorAsync(passages, i)));
        }
    }
}
