using System.Text;

namespace SearchEngine.Ingestion.Tests;

public sealed class FolderIngestorTests
{
    [Fact]
    public async Task Reads_all_formats_and_finds_them()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.md", "# Volcano\n\nLava flows.\n\n## Eruption\n\n" + string.Join(' ', Enumerable.Repeat("ash", 200)));
        fixture.Files.Write("sub/b.txt", "Glaciers move slowly.");
        fixture.Files.Write("sub/c.html", "<title>Tide</title><p>The moon pulls the sea.</p>");
        fixture.Files.Write("d.jsonl", "{\"_id\":\"x1\",\"title\":\"Bee\",\"text\":\"Honey.\"}\n{\"_id\":\"x2\",\"text\":\"Wax.\"}\n");
        fixture.Files.Write("e.pdf", OfficeReadersTests.Pdf("Report", ["first page"], ["second page about turbines"]));
        fixture.Files.Write("empty.md", "");
        fixture.Files.Write("image.png", [1, 2, 3]);
        fixture.Files.Write(".hidden/f.md", "no");

        var report = await fixture.IngestAsync();

        Assert.Equal((6, 0, 0, 1), (report.Read, report.Skipped, report.Removed, report.Unsupported));
        Assert.Empty(report.Failures);
        Assert.Equal((6L, 8L), (report.Documents, report.Chunks));
        Assert.Equal(5, fixture.Stored().Count);
        Assert.Equal("e.pdf", (await fixture.SearchAsync("turbines"))[0]);
        var page = fixture.Collection.Get(IngestionSchema.Key(fixture.Files["e.pdf"], 1))!;
        Assert.Equal((2, "Report", fixture.Files["e.pdf"]), (page.Get<int>("page"), page["title"], page["document"]));
        Assert.Equal("x2", fixture.Collection.Get(IngestionSchema.Key(fixture.Files["d.jsonl"], 1))!["document"]);
        var section = fixture.Collection.Get(IngestionSchema.Key(fixture.Files["a.md"], 1))!;
        Assert.Equal(("Volcano", "Eruption", null), (section["title"], section["heading"], section["page"]));
    }

    [Fact]
    public async Task A_second_ingestion_takes_only_what_changed()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        string Long(int words) => string.Join(' ', Enumerable.Range(0, words).Select(i => "word" + i));
        fixture.Files.Write("same.md", "same");
        fixture.Files.Write("shrinks.md", Long(2000));
        fixture.Files.Write("grows.md", Long(10));
        fixture.Files.Write("sub/goes.md", "goes away");
        fixture.Files.Write("other/stays.md", "stays");
        await fixture.IngestAsync();
        var embedded = fixture.Embedder.TextCount;
        var before = fixture.Stored();

        Assert.Equal(5, (await fixture.IngestAsync()).Skipped);
        Assert.Equal(embedded, fixture.Embedder.TextCount);

        fixture.Files.Write("shrinks.md", "short now");
        fixture.Files.Write("grows.md", Long(3000));
        File.SetLastWriteTimeUtc(fixture.Files["same.md"], DateTime.UtcNow.AddDays(1));
        File.Delete(fixture.Files["sub/goes.md"]);
        File.Delete(fixture.Files["other/stays.md"]);
        var report = await fixture.IngestAsync(
            null,
            fixture.Files["sub"],
            fixture.Files["same.md"],
            fixture.Files["grows.md"],
            fixture.Files["shrinks.md"]
        );

        Assert.Equal((2, 1, 1), (report.Read, report.Skipped, report.Removed));
        var after = fixture.Stored();
        Assert.True(before[fixture.Files["shrinks.md"]] > 5);
        Assert.Equal(1, after[fixture.Files["shrinks.md"]]);
        Assert.True(after[fixture.Files["grows.md"]] > 5);
        Assert.False(after.ContainsKey(fixture.Files["sub/goes.md"]));
        // Not below what was ingested this time.
        Assert.True(after.ContainsKey(fixture.Files["other/stays.md"]));
        Assert.Equal(0, (await fixture.IngestAsync(new IngestionOptions { RemoveDeleted = false })).Removed);
        Assert.Equal(1, (await fixture.IngestAsync()).Removed);
        Assert.Equal(3, (await fixture.IngestAsync(new IngestionOptions { Force = true })).Read);
        Assert.Equal(3, (await fixture.IngestAsync(new IngestionOptions { Chunking = new ChunkerOptions { MaxTokens = 100 } })).Read);
    }

    [Fact]
    public async Task Bad_files_are_reported_and_the_rest_is_ingested()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        var garbage = new byte[4000];
        new Random(3).NextBytes(garbage);
        fixture.Files.Write("binary.md", "good at first");
        await fixture.IngestAsync();
        fixture.Files.Write("binary.md", garbage);
        fixture.Files.Write("bad.pdf", "no pdf");
        fixture.Files.Write("bad.docx", "no zip");
        fixture.Files.Write("lines.jsonl", "{\"text\":\"one\"}\n{oops\n{\"text\":\"two\"}\n");
        fixture.Files.Write("latin.txt", Encoding.Latin1.GetBytes("Gr\u00fc\u00dfe aus M\u00fcnchen"));
        File.CreateSymbolicLink(fixture.Files["broken.md"], fixture.Files["nowhere.md"]);
        var locked = fixture.Files["sub"];
        fixture.Files.Write("sub/kept.md", "kept although its folder is locked later");
        await fixture.IngestAsync();

        var report = await fixture.IngestAsync(null, fixture.Files.Path, fixture.Files.Write("odd.xyz", garbage));

        Assert.Equal(["bad.docx", "bad.pdf", "binary.md", "odd.xyz"], report.Failures.Select(f => Path.GetFileName(f.Path)).Order());
        Assert.Equal(fixture.Files["broken.md"], Assert.Single(report.PassedOver, p => p.Kind == "link").Examples[0]);
        Assert.Contains("binary", report.Failures.Single(f => f.Path.EndsWith("binary.md")).Message);
        Assert.Equal(3, report.Skipped);
        // What was stored of a file that has become unreadable stays.
        Assert.Equal(1, fixture.Stored()[fixture.Files["binary.md"]]);
        Assert.Equal("latin.txt", (await fixture.SearchAsync("München"))[0]);
        Assert.Equal(0, report.Removed);
        Assert.True(Directory.Exists(locked));
    }

    [Fact]
    public async Task Odd_texts_are_stored()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write(
            "surrogates.txt",
            [
                .. Encoding.Unicode.Preamble,
                .. "lone ".SelectMany(BitConverter.GetBytes),
                0x00,
                0xD8,
                .. " one".SelectMany(BitConverter.GetBytes),
            ]
        );
        fixture.Files.Write("heading.md", "# " + string.Join(' ', Enumerable.Repeat("endless", 5000)));
        fixture.Files.Write("title.html", "<title>" + new string('t', 10_000) + "</title><p>text &#xD800; more</p>");
        fixture.Files.Write("name \u00e4\u00f6 #1.md", "a name with odd characters");

        var report = await fixture.IngestAsync();

        Assert.Empty(report.Failures);
        Assert.Equal(4, fixture.Stored().Count);
        Assert.All(fixture.Collection.Query(new RecordQuery()), d => Assert.True(d.Get<string>("title")!.Length <= 300));
        Assert.True(fixture.Stored()[fixture.Files["heading.md"]] > 10);
        Assert.Contains("\ufffd", fixture.Collection.Get(IngestionSchema.Key(fixture.Files["surrogates.txt"], 0))!.Get<string>("text"));
    }

    [Fact]
    public async Task Warnings_name_file_and_line()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("lines.jsonl", "{\"text\":\"one\"}\n{oops\n{\"text\":\"two\"}\n");

        var report = await fixture.IngestAsync();

        var warning = Assert.Single(report.Warnings);
        Assert.Equal((fixture.Files["lines.jsonl"], 2), (warning.Path, warning.Line));
        Assert.Equal((1, 2L), (report.Read, report.Documents));
    }

    [Fact]
    public async Task Paths_can_be_files_folders_and_globs()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        foreach (var name in new[] { "a.md", "b.txt", "sub/c.md", "sub/deep/d.md", "sub/drafts/e.md" })
            fixture.Files.Write(name, "text of " + name);
        async Task<string[]> Ingested(IngestionOptions? options, params string[] paths)
        {
            await fixture.Database.DeleteCollectionAsync("docs");
            await fixture.Database.DisposeAsync();
            await fixture.OpenAsync();
            await fixture.IngestAsync(options, [.. paths.Select(p => fixture.Files[p])]);
            return [.. fixture.Stored().Keys.Select(k => Path.GetRelativePath(fixture.Files.Path, k)).Order(StringComparer.Ordinal)];
        }

        Assert.Equal(["a.md", "sub/c.md"], await Ingested(null, "a.md", "sub/c.md", "a.md"));
        Assert.Equal(["sub/c.md", "sub/deep/d.md"], await Ingested(new IngestionOptions { Exclude = ["drafts/**"] }, "sub"));
        Assert.Equal(["a.md", "sub/c.md", "sub/deep/d.md", "sub/drafts/e.md"], await Ingested(null, "**/*.md"));
        Assert.Equal(["sub/c.md"], await Ingested(null, "sub/*.md"));
        var e = await Assert.ThrowsAsync<FileNotFoundException>(() => fixture.IngestAsync(null, fixture.Files["missing"]));
        Assert.Contains("missing", e.Message);
        await Assert.ThrowsAsync<FileNotFoundException>(() => fixture.IngestAsync(null, fixture.Files["sub/*.pdf"]));
    }

    [Fact]
    public async Task Sources_can_be_relative_to_a_base()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("guide/a.md", "text");
        var options = new IngestionOptions { BaseDirectory = fixture.Files.Path };

        await fixture.IngestAsync(options);
        Assert.Equal(["guide/a.md"], fixture.Stored().Keys);
        Assert.Equal(1, (await fixture.IngestAsync(options)).Skipped);
        File.Delete(fixture.Files["guide/a.md"]);
        Assert.Equal(1, (await fixture.IngestAsync(options)).Removed);
        Assert.Empty(fixture.Stored());
    }

    [Fact]
    public async Task Large_files_are_written_in_batches()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write(
            "big.jsonl",
            string.Concat(Enumerable.Range(0, 150).Select(i => $"{{\"_id\":\"d{i}\",\"text\":\"record number {i}\"}}\n"))
        );
        fixture.Files.Write("small.md", "small");
        var seen = new List<IngestionProgress>();

        var report = await new FolderIngestor(fixture.Collection, new IngestionOptions { BatchChunks = 16 }).IngestAsync(
            [fixture.Files.Path],
            new Listener(seen.Add)
        );

        Assert.Equal((2, 151L, 151L), (report.Read, report.Documents, report.Chunks));
        Assert.Equal(150, fixture.Stored()[fixture.Files["big.jsonl"]]);
        Assert.True(seen.Count >= 10);
        Assert.Equal((2, 2, 151L), (seen[^1].Files, seen[^1].TotalFiles, seen[^1].Documents));
        Assert.Equal(seen[^1].TotalBytes, seen[^1].Bytes);
        Assert.Equal(TimeSpan.Zero, seen[^1].Remaining);
        for (var i = 1; i < seen.Count; i++)
            Assert.True(seen[i].Chunks >= seen[i - 1].Chunks && seen[i].Files >= seen[i - 1].Files);
    }

    [Fact]
    public async Task The_bytes_of_a_large_file_grow_with_what_is_written_and_a_resumed_run_goes_on_from_there()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("log.txt", string.Concat(Enumerable.Range(0, 4000).Select(i => $"Line {i} of a log that somebody keeps.\n\n")));
        using var cancel = new CancellationTokenSource();
        var options = new IngestionOptions { BatchChunks = 8 };
        var seen = new List<IngestionProgress>();
        var stopping = new Listener(p =>
        {
            seen.Add(p);
            if (p.Bytes > p.TotalBytes / 2)
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new FolderIngestor(fixture.Collection, options).IngestAsync([fixture.Files.Path], stopping, cancel.Token)
        );
        // The file is read ahead as a whole; what is told is what is written of it, in even steps.
        Assert.True(seen.Count > 10, $"{seen.Count} reports");
        for (var i = 1; i < seen.Count; i++)
            Assert.InRange(seen[i].Bytes - seen[i - 1].Bytes, 0, seen[i].TotalBytes / 10);

        var resumed = new List<IngestionProgress>();
        await new FolderIngestor(fixture.Collection, options).IngestAsync([fixture.Files.Path], new Listener(resumed.Add));
        Assert.Equal(resumed[^1].TotalBytes, resumed[^1].Bytes);
        Assert.InRange(resumed.First(p => p.Chunks > 0).Bytes, seen[^1].TotalBytes * 2 / 5, seen[^1].TotalBytes);
    }

    [Fact]
    public async Task Cancelling_or_failing_leaves_a_consistent_store_and_the_next_run_completes_it()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        for (var i = 0; i < 40; i++)
            fixture.Files.Write($"{i:D2}.md", $"file {i}");
        fixture.Files.Write("99.jsonl", string.Concat(Enumerable.Range(0, 60).Select(i => $"{{\"text\":\"record {i}\"}}\n")));
        for (var stopAfter = 1; stopAfter < 9; stopAfter += 2)
        {
            using var cancel = new CancellationTokenSource();
            var reports = 0;
            var listener = new Listener(p =>
            {
                if (p.Chunks > 0 && ++reports == stopAfter)
                    cancel.Cancel();
            });
            var options = new IngestionOptions { BatchChunks = 8, Force = true };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                new FolderIngestor(fixture.Collection, options).IngestAsync([fixture.Files.Path], listener, cancel.Token)
            );
            Assert.NotEmpty(fixture.Stored());
        }
        await fixture.IngestAsync();
        var stored = fixture.Stored();
        Assert.Equal(41, stored.Count);
        Assert.Equal(60, stored[fixture.Files["99.jsonl"]]);
        Assert.Equal(41, (await fixture.IngestAsync()).Skipped);
        Assert.Equal(100, fixture.Collection.Count);
    }

    [Fact]
    public async Task A_reopened_database_knows_what_was_ingested()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.md", "text");
        await fixture.IngestAsync();
        await fixture.Database.DisposeAsync();
        await fixture.OpenAsync();

        Assert.Equal(1, (await fixture.IngestAsync()).Skipped);
        Assert.Equal(1, fixture.Stored()[fixture.Files["a.md"]]);
    }

    [Fact]
    public async Task Collections_without_vectors_are_searched_by_keyword_and_others_are_refused()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.md", "about zebras");
        var words = await fixture.Database.CreateCollectionAsync(IngestionSchema.Create("words", 0));
        await new FolderIngestor(words).IngestAsync([fixture.Files.Path]);
        Assert.Single(await words.SearchAsync(new SearchRequest { Text = "zebra", Mode = SearchMode.Keyword }));

        var other = await fixture.Database.CreateCollectionAsync(
            new CollectionSchema { Name = "other", Fields = [new DataField("title", DataFieldType.Int64)] }
        );
        Assert.Contains("field 'title'", Assert.Throws<ArgumentException>(() => new FolderIngestor(other)).Message);
        Assert.Throws<ArgumentException>(() => new FolderIngestor(words, new IngestionOptions { BatchChunks = 0 }));
    }

    /// <summary>The real embedder of the tests, holding each call until it is let go.</summary>
    private sealed class HeldEmbedder(Func<int, Task> before)
        : Microsoft.Extensions.AI.IEmbeddingGenerator<string, Microsoft.Extensions.AI.Embedding<float>>
    {
        private readonly SearchEngine.TestSupport.HashingEmbeddingGenerator _inner = new();
        private int _calls;

        public async Task<Microsoft.Extensions.AI.GeneratedEmbeddings<Microsoft.Extensions.AI.Embedding<float>>> GenerateAsync(
            IEnumerable<string> values,
            Microsoft.Extensions.AI.EmbeddingGenerationOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            await before(Interlocked.Increment(ref _calls)).ConfigureAwait(false);
            return await _inner.GenerateAsync(values, options, cancellationToken).ConfigureAwait(false);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() { }
    }

    [Fact]
    public async Task A_batch_is_embedded_while_the_one_before_is_stored()
    {
        var patience = TimeSpan.FromSeconds(60);
        using var firstIsStored = new SemaphoreSlim(0);
        var overlapped = false;
        // The second batch's embedding ends only when the first batch has been stored: without an overlap neither would ever happen.
        await using var fixture = await IngestionFixture.CreateAsync(
            new HeldEmbedder(async call =>
            {
                if (call == 2)
                    overlapped = await firstIsStored.WaitAsync(patience);
            })
        );
        fixture.Files.Write("a.md", "first text");
        fixture.Files.Write("b.md", "second text");
        fixture.Files.Write("c.md", "third text");
        var written = new List<long>();
        var progress = new Listener(p =>
        {
            written.Add(p.Chunks);
            if (p.Chunks == 1)
                firstIsStored.Release();
        });
        var report = await new FolderIngestor(fixture.Collection, new IngestionOptions { BatchChunks = 1, ReaderCount = 1 }).IngestAsync(
            [fixture.Files.Path],
            progress
        );

        Assert.True(overlapped, "the first batch was not stored while the second was being embedded");
        Assert.Equal(3, report.Chunks);
        Assert.Equal(written.Order(), written);
        Assert.Equal(3, fixture.Stored().Count);
        Assert.Equal(3, (await fixture.IngestAsync()).Skipped);
    }

    [Fact]
    public async Task Two_batches_are_embedded_at_a_time_and_stored_in_order()
    {
        var patience = TimeSpan.FromSeconds(60);
        using var secondHasBegun = new SemaphoreSlim(0);
        var overlapped = false;
        // The first batch's embedding ends only when the second one's has begun.
        await using var fixture = await IngestionFixture.CreateAsync(
            new HeldEmbedder(async call =>
            {
                if (call == 1)
                    overlapped = await secondHasBegun.WaitAsync(patience);
                else if (call == 2)
                    secondHasBegun.Release();
            })
        );
        foreach (var name in new[] { "a", "b", "c" })
            fixture.Files.Write($"{name}.md", $"text of {name}");
        var written = new List<string>();
        var progress = new Listener(p =>
        {
            if (p.Chunks > written.Count)
                written.Add(string.Concat(fixture.Stored().Keys.Select(Path.GetFileNameWithoutExtension).Order()));
        });
        await new FolderIngestor(fixture.Collection, new IngestionOptions { BatchChunks = 1, ReaderCount = 1 }).IngestAsync(
            [fixture.Files.Path],
            progress
        );

        Assert.True(overlapped, "the second batch was not begun while the first was being embedded");
        Assert.All(written, (stored, i) => Assert.StartsWith("abc"[..(i + 1)], stored));
    }

    [Fact]
    public async Task What_was_embedded_behind_a_part_that_failed_is_not_stored()
    {
        // The file's first part; what the ingestor asks then, to know whether the embedder works at all, it answers.
        await using var fixture = await IngestionFixture.CreateAsync(
            new HeldEmbedder(call => call == 1 ? throw new InvalidOperationException("Not this one.") : Task.CompletedTask)
        );
        fixture.Files.Write("a.md", string.Join(' ', Enumerable.Range(0, 200).Select(i => $"word{i}")));
        fixture.Files.Write("b.md", "short");
        var report = await fixture.IngestAsync(
            new IngestionOptions
            {
                BatchChunks = 1,
                ReaderCount = 1,
                Chunking = new ChunkerOptions
                {
                    MaxTokens = 32,
                    MinTokens = 0,
                    OverlapTokens = 0,
                },
            }
        );

        var failure = Assert.Single(report.Failures);
        Assert.Contains("Not this one.", failure.Message, StringComparison.Ordinal);
        Assert.Equal("b.md", Path.GetFileName(Assert.Single(fixture.Stored()).Key));
    }

    [Fact]
    public async Task An_embedder_that_fails_ends_the_ingestion_and_keeps_what_was_stored()
    {
        await using var fixture = await IngestionFixture.CreateAsync(
            new HeldEmbedder(call => call >= 3 ? throw new InvalidOperationException("The model is gone.") : Task.CompletedTask)
        );
        for (var i = 0; i < 6; i++)
            fixture.Files.Write($"{i}.md", $"text {i}");
        var one = new IngestionOptions { BatchChunks = 1, ReaderCount = 1 };
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.IngestAsync(one));
        Assert.Equal("The model is gone.", error.Message);
        Assert.Equal(2, fixture.Stored().Count);
        await fixture.Database.DisposeAsync();
        await fixture.OpenAsync();
        var rest = await fixture.IngestAsync(one);
        Assert.Equal((4, 2), (rest.Read, rest.Skipped));
        Assert.Equal(6, fixture.Stored().Count);
    }

    private sealed class Listener(Action<IngestionProgress> report) : IProgress<IngestionProgress>
    {
        public void Report(IngestionProgress value) => report(value);
    }
}
