using Microsoft.Extensions.AI;
using SearchEngine.TestSupport;

namespace SearchEngine.Ingestion.Tests.Pipeline;

/// <summary>How a collection follows files that move, change a little, are copied, and fail.</summary>
public sealed class CorpusTests
{
    private static readonly IngestionOptions Named = new() { NamedRoots = true };

    private static string Lines(int from, int to) =>
        string.Join(
            "\n\n",
            Enumerable
                .Range(from, to - from)
                .Select(i => $"Paragraph number{i} " + string.Join(' ', Enumerable.Repeat("word" + i, 30)) + ".")
        );

    [Fact]
    public async Task A_moved_corpus_keeps_its_names_and_a_moved_file_its_vectors()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("docs/a.md", "# A\n\n" + Lines(0, 40));
        fixture.Files.Write("docs/sub/b.md", "# B\n\ntext of b");
        Assert.Equal(2, (await fixture.IngestAsync(Named, fixture.Files["docs"])).Read);
        Assert.Equal(["docs/a.md", "docs/sub/b.md"], fixture.Stored().Keys.Order());
        var embedded = fixture.Embedder.TextCount;

        Directory.CreateDirectory(fixture.Files["elsewhere"]);
        Directory.Move(fixture.Files["docs"], fixture.Files["elsewhere/docs"]);
        var moved = await fixture.IngestAsync(Named, fixture.Files["elsewhere/docs"]);
        Assert.Equal((0, 2, 0), (moved.Read, moved.Skipped, moved.Removed));
        Assert.Equal(fixture.Files["elsewhere/docs/a.md"], (await DocumentCatalog.OpenAsync(fixture.Collection)).PathOf("docs/a.md"));

        Directory.CreateDirectory(fixture.Files["elsewhere/docs/new"]);
        File.Move(fixture.Files["elsewhere/docs/a.md"], fixture.Files["elsewhere/docs/new/a.md"]);
        var renamed = await fixture.IngestAsync(Named, fixture.Files["elsewhere/docs"]);
        Assert.Equal((1, 1, 1, 0), (renamed.Read, renamed.Moved, renamed.Skipped, renamed.Removed));
        Assert.Equal(["docs/new/a.md", "docs/sub/b.md"], fixture.Stored().Keys.Order());
        Assert.Equal(embedded, fixture.Embedder.TextCount);
    }

    [Fact]
    public async Task An_index_with_full_paths_is_taken_over()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("docs/a.md", Lines(0, 20));
        await fixture.IngestAsync(null, fixture.Files["docs"]);
        var embedded = fixture.Embedder.TextCount;
        var count = fixture.Collection.Count;

        await fixture.IngestAsync(Named, fixture.Files["docs"]);

        Assert.Equal(["docs/a.md"], fixture.Stored().Keys);
        Assert.Equal((embedded, count), (fixture.Embedder.TextCount, fixture.Collection.Count));
    }

    [Fact]
    public async Task A_collection_of_an_earlier_version_is_ingested_into()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        var schema = IngestionSchema.Create("old", fixture.Embedder.Dimension);
        var old = await fixture.Database.CreateCollectionAsync(schema with { Fields = [.. schema.Fields.Take(7)] });
        fixture.Files.Write("a.md", "# T\n\ntext");

        Assert.Equal(1, (await new FolderIngestor(old).IngestAsync([fixture.Files.Path])).Read);
        fixture.Files.Write("a.md", "# T\n\nother text");
        Assert.Equal(1, (await new FolderIngestor(old).IngestAsync([fixture.Files.Path])).Read);
        Assert.Equal("other text", Assert.Single(old.Query(new RecordQuery()))["text"]);
    }

    [Fact]
    public async Task Unchanged_chunks_of_a_changed_file_are_not_embedded_again()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        string Records(int from) =>
            string.Concat(Enumerable.Range(from, 200 - from).Select(i => $"{{\"id\":\"d{i}\",\"text\":\"record number {i}\"}}\n"));
        fixture.Files.Write("a.jsonl", Records(1));
        await fixture.IngestAsync(new IngestionOptions { BatchChunks = 16 });
        var embedded = fixture.Embedder.TextCount;

        fixture.Files.Write("a.jsonl", Records(0));
        var report = await fixture.IngestAsync(new IngestionOptions { BatchChunks = 16 });

        Assert.Equal((200L, 199L), (report.Chunks, report.Reused));
        Assert.Equal(embedded + 1, fixture.Embedder.TextCount);
        foreach (var i in new[] { 0, 1, 100, 199 })
        {
            Assert.Equal("record number " + i, fixture.Collection.Get(IngestionSchema.Key(fixture.Files["a.jsonl"], i))!["text"]);
        }
    }

    [Fact]
    public async Task The_same_content_is_stored_once_and_outlives_its_first_place()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        var catalog = () => DocumentCatalog.OpenAsync(fixture.Collection);
        foreach (var name in new[] { "docs/a.md", "docs/b.md", "docs/c.md" })
        {
            fixture.Files.Write(name, "# Title\n\nthe same text about tapirs");
        }

        var report = await fixture.IngestAsync(Named, fixture.Files["docs"]);
        Assert.Equal((1, 2, 1L), (report.Read, report.Copies, fixture.Collection.Count));
        var owner = Assert.Single((await (await catalog()).ListAsync()), f => f.SameAs is null).Source;
        Assert.Equal(2, (await (await catalog()).CopiesOfAsync(owner)).Count);
        Assert.Equal(3, (await fixture.IngestAsync(Named, fixture.Files["docs"])).Skipped);

        File.Delete((await catalog()).PathOf(owner));
        await fixture.IngestAsync(Named, fixture.Files["docs"]);
        Assert.Equal((1L, 2), (fixture.Collection.Count, (await (await catalog()).ListAsync()).Count));
        var second = Assert.Single((await (await catalog()).ListAsync()), f => f.SameAs is null).Source;
        Assert.NotEqual(owner, second);

        // The owner changes: its copy needs chunks of its own.
        File.WriteAllText((await catalog()).PathOf(second), "# Title\n\nnow about okapis");
        await fixture.IngestAsync(Named, fixture.Files["docs"]);
        Assert.Equal((2L, 2), (fixture.Collection.Count, (await (await catalog()).ListAsync()).Count(f => f.SameAs is null)));

        foreach (var file in (await (await catalog()).ListAsync()))
        {
            await (await catalog()).DeleteAsync(file);
        }

        Assert.Equal(0, fixture.Collection.Count);
        Assert.Empty((await (await catalog()).ListAsync()));
    }

    [Fact]
    public async Task Random_changes_end_in_the_collection_of_a_fresh_ingestion()
    {
        var random = new Random(17);
        await using var fixture = await IngestionFixture.CreateAsync();
        await using var fresh = await IngestionFixture.CreateAsync();
        var docs = fixture.Files["docs"];
        for (var round = 0; round < 12; round++)
        {
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                var name = $"docs/{random.Next(2)}/{random.Next(5)}.md";
                var other = $"docs/{random.Next(2)}/{random.Next(5)}.md";
                if (random.Next(3) == 0 && File.Exists(fixture.Files[name]))
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(fixture.Files[other])!);
                    File.Move(fixture.Files[name], fixture.Files[other], overwrite: true);
                }
                else if (random.Next(4) == 0)
                {
                    File.Delete(fixture.Files.Write(name, ""));
                }
                else
                {
                    fixture.Files.Write(name, "# Heading\n\n" + Lines(random.Next(3), 3 + random.Next(12)));
                }
            }

            await fixture.IngestAsync(Named, docs);
            var texts = new HashSet<string>(StringComparer.Ordinal);
            await fresh.Database.DeleteCollectionAsync("docs");
            await fresh.Database.DisposeAsync();
            await fresh.OpenAsync();
            await fresh.IngestAsync(Named, docs);
            Assert.Equal(Contents(fresh), Contents(fixture));
            Assert.Equal(
                (await (await DocumentCatalog.OpenAsync(fresh.Collection)).ListAsync()).Select(f => f.Source),
                (await (await DocumentCatalog.OpenAsync(fixture.Collection)).ListAsync()).Select(f => f.Source)
            );
        }
    }

    /// <summary>Texts with headings, whichever of the files with one content owns them.</summary>
    private static List<string> Contents(IngestionFixture fixture) =>
        [
            .. fixture
                .Collection.Query(new RecordQuery())
                .Select(d => $"{d["title"]}/{d["heading"]}/{d["text"]}")
                .Order(StringComparer.Ordinal),
        ];

    [Fact]
    public async Task Texts_that_cannot_be_embedded_cost_no_other_however_many_they_are()
    {
        await using var fixture = await IngestionFixture.CreateAsync(new PoisonedEmbedder());
        // More running than would be chance, and in one batch with good ones and in batches of their own.
        for (var i = 0; i < 60; i++)
        {
            fixture.Files.Write(
                $"{i:00}.md",
                i is 7 or (>= 40 and < 50) ? $"a throwing text {i}"
                    : i is 12 or (>= 20 and < 30) ? $"a text of nan quokka{i}"
                    : $"text {i}"
            );
        }

        foreach (
            var options in new[]
            {
                new IngestionOptions(),
                new IngestionOptions { BatchChunks = 1, Force = true },
            }
        )
        {
            var report = await fixture.IngestAsync(options);

            Assert.Equal(11, report.Failures.Count);
            Assert.All(report.Failures, f => Assert.Contains("This text breaks the model", f.Message));
            Assert.Equal((49, 49L), (report.Read, fixture.Collection.Count));
            Assert.Equal(11, report.Warnings.Count);
            Assert.All(report.Warnings, w => Assert.Contains("found by its words only", w.Message));
            Assert.Contains(report.Warnings, w => w.Path == fixture.Files["12.md"] && w.Line == 1);
        }

        // It is there, without a vector, and told again.
        Assert.Empty(fixture.Collection.Get(IngestionSchema.Key(fixture.Files["12.md"], 0), includeVectors: true)!.Vectors);
        var found = await fixture.Collection.SearchAsync(new SearchRequest { Text = "quokka12", Mode = SearchMode.Keyword });
        Assert.Equal(fixture.Files["12.md"], found[0].Document["source"]);
        Assert.Equal((11, 49), ((await fixture.IngestAsync()).Warnings.Count, (await fixture.IngestAsync()).Skipped));
        Assert.True((await fixture.Collection.VerifyAsync()).IsSound);
    }

    [Fact]
    public async Task A_bad_text_within_a_large_file_does_not_cost_what_comes_behind_it()
    {
        await using var fixture = await IngestionFixture.CreateAsync(new PoisonedEmbedder());
        fixture.Files.Write(
            "big.jsonl",
            string.Concat(Enumerable.Range(0, 100).Select(i => $"{{\"text\":\"record {(i == 33 ? "nan" : "number")} {i}\"}}\n"))
        );

        var report = await fixture.IngestAsync(new IngestionOptions { BatchChunks = 10 });

        Assert.Empty(report.Failures);
        Assert.Equal(34, Assert.Single(report.Warnings).Line);
        Assert.Equal((100L, 1), (fixture.Collection.Count, (await fixture.IngestAsync()).Skipped));
    }

    [Fact]
    public async Task An_embedder_whose_numbers_are_all_wrong_ends_the_ingestion()
    {
        await using var fixture = await IngestionFixture.CreateAsync(new PoisonedEmbedder(""));
        fixture.Files.Write("a.md", "any text");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.IngestAsync());

        Assert.Contains("NaN", error.Message);
        Assert.Equal(0, fixture.Collection.Count);
    }

    [Fact]
    public async Task A_reader_that_fails_in_any_way_costs_its_file_alone()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        Exception[] faults =
        [
            new System.Xml.XmlException("bad xml"),
            new IndexOutOfRangeException("out"),
            new InvalidDataException("data"),
            new NullReferenceException(),
            new FormatException("format"),
            new KeyNotFoundException("key"),
        ];
        for (var i = 0; i < faults.Length; i++)
        {
            fixture.Files.Write($"{i}.odd", "x");
            fixture.Files.Write($"{i}.md", $"text {i}");
        }

        var options = new IngestionOptions { Readers = [.. DocumentReaders.Default, new FailingReader(faults)] };
        var report = await fixture.IngestAsync(options);

        Assert.Equal((faults.Length, faults.Length), (report.Read, report.Failures.Count));
        Assert.Contains(report.Failures, f => f.Message.Contains("XmlException: bad xml", StringComparison.Ordinal));
    }

    private sealed class FailingReader(Exception[] faults) : IDocumentReader
    {
        public string Name => "odd";

        public int Version => 1;

        public IReadOnlyCollection<string> Extensions { get; } = [".odd"];

        public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
        {
            yield return new SourceDocument { Title = "t", Sections = [new SourceSection([], null, "first words")] };
            throw faults[int.Parse(file.Name, System.Globalization.CultureInfo.InvariantCulture)];
        }
    }

    private sealed class PoisonedEmbedder(string poison = "nan") : IEmbeddingGenerator<string, Embedding<float>>
    {
        private readonly HashingEmbeddingGenerator _inner = new();

        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values,
            EmbeddingGenerationOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            var texts = values.ToList();
            if (texts.Exists(t => t.Contains("throwing", StringComparison.Ordinal)))
            {
                throw new InvalidOperationException("This text breaks the model.");
            }

            var made = await _inner.GenerateAsync(texts, options, cancellationToken);
            for (var i = 0; i < texts.Count; i++)
            {
                if (texts[i].Contains(poison, StringComparison.Ordinal))
                {
                    made[i] = new Embedding<float>(made[i].Vector.ToArray().Select(_ => float.NaN).ToArray());
                }
            }

            return made;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() { }
    }

    [Fact]
    public async Task An_interrupted_large_file_is_gone_on_with()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("big.jsonl", string.Concat(Enumerable.Range(0, 200).Select(i => $"{{\"text\":\"record number {i}\"}}\n")));
        using var cancel = new CancellationTokenSource();
        var options = new IngestionOptions { BatchChunks = 10 };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new FolderIngestor(fixture.Collection, options).IngestAsync(
                [fixture.Files.Path],
                new Listener(p =>
                {
                    if (p.Chunks >= 80)
                    {
                        cancel.Cancel();
                    }
                }),
                cancel.Token
            )
        );
        var stored = (int)fixture.Collection.Count;
        Assert.InRange(stored, 80, 199);

        var report = await fixture.IngestAsync(options);

        Assert.Equal((200L - stored, 200L), (report.Chunks, fixture.Collection.Count));
    }

    [Fact]
    public async Task Losses_are_told_at_every_ingestion_and_a_dry_run_writes_nothing()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.jsonl", "{\"text\":\"one\"}\n{oops\n");
        var dry = await fixture.IngestAsync(new IngestionOptions { DryRun = true });
        Assert.Equal((1, 0L), (dry.Read, fixture.Collection.Count));
        Assert.Empty(fixture.Collection.ListMetadata());

        Assert.Equal(2, Assert.Single((await fixture.IngestAsync()).Warnings).Line);
        var again = await fixture.IngestAsync();
        Assert.Equal((1, 2), (again.Skipped, Assert.Single(again.Warnings).Line));
    }

    private sealed class Listener(Action<IngestionProgress> report) : IProgress<IngestionProgress>
    {
        public void Report(IngestionProgress value) => report(value);
    }
}
