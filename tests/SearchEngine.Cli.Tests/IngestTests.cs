using System.Diagnostics;
using System.Globalization;

namespace SearchEngine.Cli.Tests;

/// <summary>Each test has a database of its own.</summary>
public sealed class IngestTests
{
    [Fact]
    public async Task Ingesting_again_skips_replaces_and_removes()
    {
        using var folder = new TemporaryFolder();
        SampleDocuments.WriteTo(folder);
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--collection", "notes")).Expect(0);

        var again = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--collection", "notes", "--json")).Expect(0).Json;
        Assert.Equal(0, again.GetProperty("files").GetProperty("read").GetInt32());
        Assert.Equal(4, again.GetProperty("files").GetProperty("skipped").GetInt32());

        folder.Write("docs/rivers.txt", "Glaciers carve valleys and leave moraines behind.");
        File.Delete(folder.Combine("docs", "bicycle.html"));
        folder.Write("docs/new.md", "# Tides\n\nThe moon pulls the ocean twice a day.");
        var changed = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--collection", "notes", "--json")).Expect(0).Json;
        Assert.Equal(2, changed.GetProperty("files").GetProperty("read").GetInt32());
        Assert.Equal(2, changed.GetProperty("files").GetProperty("skipped").GetInt32());
        Assert.Equal(1, changed.GetProperty("files").GetProperty("removed").GetInt32());

        (await SearchAsync(folder, "moraines")).Expect(0);
        (await SearchAsync(folder, "moon ocean")).Expect(0);
        (await SearchAsync(folder, "sediment")).Expect(1);
        (await SearchAsync(folder, "brake pads rim")).Expect(1);
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "notes")).Expect(0);

        var deleted = (await CliProcess.RunAsync(folder.Path, "collection", "delete", "notes", "--json")).Expect(0).Json;
        Assert.True(deleted.GetProperty("deleted").GetBoolean());
        (await CliProcess.RunAsync(folder.Path, "collection", "info", "notes")).ExpectOneLineError("'notes'");
    }

    [Fact]
    public async Task A_bad_file_is_reported_and_does_not_stop_the_rest()
    {
        using var folder = new TemporaryFolder();
        SampleDocuments.WriteTo(folder);
        folder.Write("docs/broken.pdf", "%PDF-1.7 this is no PDF");

        var result = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--json")).Expect(1);

        var failed = Assert.Single(result.Json.GetProperty("failed").EnumerateArray());
        Assert.Contains("broken.pdf", failed.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(failed.GetProperty("reason").GetString()!);
        Assert.Equal(4, result.Json.GetProperty("files").GetProperty("read").GetInt32());
        Assert.Contains("broken.pdf", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Piped_progress_is_plain_lines()
    {
        using var folder = new TemporaryFolder();
        SampleDocuments.WriteTo(folder);

        var result = (await CliProcess.RunAsync(folder.Path, "ingest", "docs")).Expect(0);

        Assert.DoesNotContain('\u001b', result.Out + result.Error);
        Assert.DoesNotContain('\r', result.Out + result.Error);
        Assert.Contains("4 files read", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-file.md")]
    [InlineData("no/such/folder")]
    public async Task A_path_that_is_not_there_is_named(string path)
    {
        using var folder = new TemporaryFolder();

        (await CliProcess.RunAsync(folder.Path, "ingest", path)).ExpectOneLineError(path);
    }

    [Fact]
    public async Task A_model_of_another_dimension_is_refused()
    {
        using var folder = new TemporaryFolder();
        SampleDocuments.WriteTo(folder);
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs")).Expect(0);
        var environment = new Dictionary<string, string> { ["SEARCHENGINE_EMBEDDING__DIMENSIONS"] = "32" };

        var search = await CliProcess.RunWithAsync(folder.Path, null, environment, "search", "chain");
        var ingest = await CliProcess.RunWithAsync(folder.Path, null, environment, "ingest", "docs");

        search.ExpectOneLineError("default", "model");
        Assert.Equal(2, ingest.ExitCode);
        Assert.Single(ingest.ErrorLines);
    }

    [Fact]
    public async Task Killed_while_it_writes_it_keeps_what_it_reported_and_completes_later()
    {
        const int documents = 2000;
        using var folder = new TemporaryFolder();
        for (var i = 0; i < documents; i++)
        {
            folder.Write(
                $"docs/{i % 20:00}/{i:0000}.txt",
                string.Create(CultureInfo.InvariantCulture, $"Report number{i:0000} speaks of item{i % 7} and item{i % 11}.")
            );
        }

        var reported = await KillAfterAsync(folder, atLeast: 300);

        var collection = new CollectionReader(folder);
        var kept = await collection.CountAsync();
        Assert.True(kept >= reported, $"{reported} documents were reported as written, {kept} are there");
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "default")).Expect(0);

        var rest = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--json")).Expect(0).Json;
        Assert.Equal(documents, await collection.CountAsync());
        Assert.True(rest.GetProperty("files").GetProperty("read").GetInt32() <= documents - reported);
        (await SearchAsync(folder, "number1999", "default")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "default")).Expect(0);
    }

    /// <summary>Starts an ingest, kills it once it reported so many documents, and returns the last number reported.</summary>
    private static async Task<int> KillAfterAsync(TemporaryFolder folder, int atLeast)
    {
        using var process = CliProcess.Start(folder.Path, null, "ingest", "docs");
        var reported = 0;
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Split(' ') is ["wrote", var number, ..])
                reported = int.Parse(number, CultureInfo.InvariantCulture);
            if (reported < atLeast)
                continue;
            process.Kill();
            break;
        }

        // What it still managed to say before it died counts as reported too.
        foreach (var line in (await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n'))
        {
            if (line.EndsWith("left", StringComparison.Ordinal) && line.Split(' ') is ["wrote", var number, ..])
                reported = int.Parse(number, CultureInfo.InvariantCulture);
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.InRange(reported, atLeast, 1999);
        return reported;
    }

    [Fact]
    public async Task Interrupted_it_closes_the_database_and_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no SIGINT to send to a child process on Windows.");
        using var folder = new TemporaryFolder();
        // However fast or busy the machine: a run that ended before the signal came is repeated with more files.
        (int ExitCode, string Error)? ended = null;
        var written = 0;
        for (var files = 1000; ended is null; files *= 4)
        {
            Assert.InRange(files, 1, 100_000);
            for (; written < files; written++)
                folder.Write($"docs/{written % 100:00}/{written:000000}.txt", $"Report {written} speaks of rivers and bread.");
            ended = await InterruptAsync(folder);
        }

        var (exitCode, error) = ended.Value;
        Assert.Equal(s_ignoresInterrupts ? 143 : 130, exitCode);
        Assert.Contains("interrupted", error, StringComparison.Ordinal);
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "default")).Expect(0);
    }

    /// <summary>
    /// A shell without job control starts its background jobs with SIGINT ignored, and whatever they start inherits that, as it should:
    /// there the other signal is sent.
    /// </summary>
    private static readonly bool s_ignoresInterrupts = IgnoresInterrupts();

    private static bool IgnoresInterrupts()
    {
        const string Status = "/proc/self/status";
        const ulong Interrupt = 1UL << (2 - 1);
        if (!File.Exists(Status))
            return false;
        var ignored = File.ReadLines(Status).First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))["SigIgn:".Length..].Trim();
        return (ulong.Parse(ignored, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & Interrupt) != 0;
    }

    /// <summary>Starts an ingest, interrupts it once it has written something; null if it was done before.</summary>
    private static async Task<(int ExitCode, string Error)?> InterruptAsync(TemporaryFolder folder)
    {
        using var process = CliProcess.Start(folder.Path, null, "ingest", "docs", "--force");
        while (
            await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line
            && !line.StartsWith("wrote ", StringComparison.Ordinal)
        ) { }

        if (process.HasExited)
            return null;
        using (
            var kill = Process.Start("kill", [s_ignoresInterrupts ? "-TERM" : "-INT", process.Id.ToString(CultureInfo.InvariantCulture)])
        )
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0 ? null : (process.ExitCode, error);
    }

    [Fact]
    public async Task Records_without_text_end_with_1_every_time_and_what_was_passed_over_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("docs/a.jsonl", "{\"text\":\"one\"}\n{\"id\":7}\n");
        folder.Write("docs/.hidden.md", "hidden");
        folder.Write("docs/picture.xyz", "?");
        foreach (var read in new[] { 1, 0 })
        {
            var result = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--json")).Expect(1);
            Assert.Equal(read, result.Json.GetProperty("files").GetProperty("read").GetInt32());
            Assert.Equal(2, Assert.Single(result.Json.GetProperty("warnings").EnumerateArray()).GetProperty("line").GetInt32());
            Assert.Equal(
                [".xyz", "hidden"],
                result.Json.GetProperty("passedOver").EnumerateArray().Select(p => p.GetProperty("kind").GetString()).Order()
            );
        }

        var list = (await CliProcess.RunAsync(folder.Path, "document", "list", "--json")).Expect(0).Json;
        Assert.Equal("docs/a.jsonl", Assert.Single(list.EnumerateArray()).GetProperty("source").GetString());
        Assert.Contains(
            "one",
            (await CliProcess.RunAsync(folder.Path, "document", "show", "docs/a.jsonl")).Expect(0).Out,
            StringComparison.Ordinal
        );
        (await CliProcess.RunAsync(folder.Path, "document", "delete", "docs/nothing.md")).ExpectOneLineError("docs/nothing.md");
        File.Delete(folder.Combine("docs", "a.jsonl"));
        Assert.Contains(
            "would delete docs/a.jsonl",
            (await CliProcess.RunAsync(folder.Path, "document", "prune", "--dry-run")).Expect(0).Out,
            StringComparison.Ordinal
        );
        (await CliProcess.RunAsync(folder.Path, "document", "prune")).Expect(0);
        (await SearchAsync(folder, "one", "default")).Expect(1);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_on_the_disk()
    {
        using var folder = new TemporaryFolder();
        SampleDocuments.WriteTo(folder);
        var dry = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--dry-run", "--json")).Expect(0).Json;
        Assert.Equal(4, dry.GetProperty("files").GetProperty("read").GetInt32());
        Assert.False(Directory.Exists(folder.Combine("data")));

        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--collection", "notes")).Expect(0);
        folder.Write("docs/new.md", "# Tides\n\nThe moon pulls the ocean twice a day.");
        var before = Contents();
        var again = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--collection", "notes", "--dry-run", "--json"))
            .Expect(0)
            .Json;
        Assert.Equal(
            (1, 4),
            (again.GetProperty("files").GetProperty("read").GetInt32(), again.GetProperty("files").GetProperty("skipped").GetInt32())
        );
        // A collection that is not there is not made either.
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--collection", "other", "--dry-run")).Expect(0);
        Assert.Equal(before, Contents());
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--dry-run", "--watch")).ExpectOneLineError("--watch", "--dry-run");

        List<string> Contents() =>
            [
                .. Directory
                    .EnumerateFiles(folder.Combine("data"), "*", SearchOption.AllDirectories)
                    .Order(StringComparer.Ordinal)
                    .Select(path => $"{path} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}"),
            ];
    }

    [Fact]
    public async Task A_page_of_documents_is_full_though_one_has_most_of_the_passages()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "docs/long.jsonl",
            string.Concat(Enumerable.Range(0, 60).Select(i => $"{{\"id\":\"same\",\"text\":\"heron heron heron {i}\"}}\n"))
        );
        foreach (var name in new[] { "a", "b", "c" })
            folder.Write($"docs/{name}.txt", $"A heron is seen once in file {name}, among many other birds of the lake.");
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs")).Expect(0);

        var hits = (await CliProcess.RunAsync(folder.Path, "search", "heron", "--mode", "keyword", "--group", "-k", "4", "--json"))
            .Expect(0)
            .Json;

        Assert.Equal(4, hits.GetProperty("hits").GetArrayLength());
        (await CliProcess.RunAsync(folder.Path, "search", "heron", "--group", "--group-by", "source")).ExpectOneLineError("--group-by");
    }

    [Fact]
    public async Task Scanned_pages_are_read_by_a_program_that_is_there()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a script of a Unix shell.");
        using var folder = new TemporaryFolder();
        folder.Write("docs/photo.png", "no picture, and the script does not look");
        folder.Write("read.sh", "#!/bin/sh\necho \"a heron on page $2\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder.Combine("read.sh"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--ocr", "no-such-program")).ExpectOneLineError("no-such-program");

        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--ocr", "./read.sh")).Expect(0);

        (await SearchAsync(folder, "heron", "default")).Expect(0);
    }

    [Fact]
    public async Task Passages_in_context_are_found_and_another_way_of_embedding_reads_everything_again()
    {
        using var folder = new TemporaryFolder();
        SampleDocuments.WriteTo(folder);
        foreach (var (option, read) in new[] { ("--late-chunking", 4), ("--late-chunking", 0), ("--no-ignore", 4), ("--late-chunking", 4) })
        {
            var report = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--collection", "notes", "--json", option))
                .Expect(0)
                .Json;
            Assert.Equal(read, report.GetProperty("files").GetProperty("read").GetInt32());
        }

        var hits = (
            await CliProcess.RunAsync(
                folder.Path,
                "search",
                "replace the brake pads",
                "--mode",
                "vector",
                "--collection",
                "notes",
                "--json"
            )
        )
            .Expect(0)
            .Json.GetProperty("hits");
        Assert.Contains("bicycle", hits[0].GetProperty("source").GetString(), StringComparison.Ordinal);
        (await CliProcess.RunAsync(folder.Path, "collection", "verify", "notes")).Expect(0);
    }

    [Fact]
    public async Task Late_chunking_is_a_setting_that_a_run_can_turn_off()
    {
        using var folder = new TemporaryFolder();
        SampleDocuments.WriteTo(folder);
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--late-chunking")).Expect(0);
        folder.Write("appsettings.json", """{ "SearchEngine": { "Ingestion": { "LateChunking": true } } }""");

        // The same way of embedding reads nothing again.
        Assert.Equal(0, await ReadAsync("ingest", "docs", "--json"));
        Assert.Equal(4, await ReadAsync("ingest", "docs", "--json", "--late-chunking", "false"));
        Assert.Equal(4, await ReadAsync("ingest", "docs", "--json"));

        async Task<int> ReadAsync(params string[] arguments) =>
            (await CliProcess.RunAsync(folder.Path, arguments)).Expect(0).Json.GetProperty("files").GetProperty("read").GetInt32();
    }

    [Theory]
    [InlineData(0, 400, 10, 50, "40.0 chunks/s, 50.0 s left")]
    [InlineData(3, 4000, 10, 50, "400 chunks/s, 50.0 s left")]
    [InlineData(30, 40, 10, 50, "3.0 documents/s, 50.0 s left")]
    [InlineData(30, 40, 10, null, "3.0 documents/s")]
    [InlineData(0, 0, 0, null, "0.0 documents/s")]
    public void Progress_tells_chunks_where_documents_are_too_large_to_count(
        int documents,
        int chunks,
        int seconds,
        int? left,
        string expected
    ) =>
        Assert.EndsWith(
            expected,
            Commands.Ingest.IngestProgressView.Describe(
                new Ingestion.IngestionProgress(
                    0,
                    1,
                    documents,
                    chunks,
                    5,
                    10,
                    TimeSpan.FromSeconds(seconds),
                    left is { } rest ? TimeSpan.FromSeconds(rest) : null,
                    null
                )
            ),
            StringComparison.Ordinal
        );

    private static Task<CliResult> SearchAsync(TemporaryFolder folder, string query, string collection = "notes") =>
        CliProcess.RunAsync(folder.Path, "search", query, "--mode", "keyword", "--collection", collection);

    private sealed class CollectionReader(TemporaryFolder folder)
    {
        public async Task<long> CountAsync() =>
            (await CliProcess.RunAsync(folder.Path, "collection", "info", "default", "--json"))
                .Expect(0)
                .Json.GetProperty("records")
                .GetInt64();
    }
}
