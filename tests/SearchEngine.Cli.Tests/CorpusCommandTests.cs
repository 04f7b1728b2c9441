using System.Diagnostics;
using System.Globalization;

namespace SearchEngine.Cli.Tests;

/// <summary>The life of a corpus by commands: what is read of a folder and what is not, where it moves, what of it is shown and deleted.</summary>
public sealed class CorpusCommandTests
{
    [Fact]
    public async Task What_is_passed_over_is_named_by_kind_and_a_pipe_holds_nothing_up()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no pipes among the files of Windows.");
        using var folder = new TemporaryFolder();
        using var outside = new TemporaryFolder();
        outside.Write("secret.md", "secretword");
        folder.Write("docs/a.md", "about herons");
        folder.Write("docs/.hidden.md", "hidden");
        folder.Write("docs/picture.xyz", "?");
        folder.Write("docs/node_modules/lib.md", "made");
        folder.Write("docs/ignored.log", "ignored");
        folder.Write("docs/.gitignore", "*.log\n");
        Directory.CreateSymbolicLink(folder.Combine("docs", "link"), outside.Path);
        await RunAsync("mkfifo", folder.Combine("docs", "pipe.md"));

        var told = (await CliProcess.RunAsync(folder.Path, "ingest", "docs")).Expect(0).Out;
        foreach (var kind in new[] { "hidden: docs/.hidden.md", "link: docs/link", "special: docs/pipe.md", "ignored: docs/ignored.log" })
            Assert.Contains("passed over, " + kind, told, StringComparison.Ordinal);
        Assert.Contains("passed over, build output: docs/node_modules", told, StringComparison.Ordinal);
        Assert.Contains("passed over, .xyz: docs/picture.xyz", told, StringComparison.Ordinal);
        (await SearchAsync(folder, "secretword")).Expect(1);

        var more = (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--follow-links", "--no-ignore", "--json")).Expect(0).Json;
        Assert.Equal(
            [".xyz", "build output", "hidden", "special"],
            more.GetProperty("passedOver").EnumerateArray().Select(p => p.GetProperty("kind").GetString()).Order(StringComparer.Ordinal)
        );
        (await SearchAsync(folder, "secretword")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs/pipe.md")).ExpectOneLineError("pipe");
    }

    [Fact]
    public async Task Options_say_what_is_read_and_how_it_is_called()
    {
        using var folder = new TemporaryFolder();
        folder.Write("docs/a.md", "herons");
        folder.Write("docs/old/b.md", "herons");
        folder.Write("docs/c.html", "<p>herons</p>");
        Directory.CreateDirectory(folder.Combine("docs", "sub"));
        await File.WriteAllBytesAsync(
            folder.Combine("docs", "sub", "d.txt"),
            Ingestion.TextEncodings.Find("windows-1250")!.GetBytes("żółw"),
            TestContext.Current.CancellationToken
        );

        (
            await CliProcess.RunAsync(
                folder.Path,
                "ingest",
                "docs",
                "--include",
                "*.{md,txt}",
                "--exclude",
                "old/**",
                "--encoding",
                "windows-1250",
                "--root",
                "notes"
            )
        ).Expect(0);

        Assert.Equal(["notes/a.md", "notes/sub/d.txt"], await SourcesAsync(folder));
        (await SearchAsync(folder, "żółw")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--encoding", "klingon")).ExpectOneLineError("klingon");
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs/{a.md")).ExpectOneLineError("{a.md");
    }

    [Fact]
    public async Task Fields_that_documents_bring_are_filtered_by()
    {
        using var folder = new TemporaryFolder();
        folder.Write("docs/a.md", "---\nyear: 2019\n---\nherons in the marsh\n");
        folder.Write("docs/b.md", "---\nyear: 2021\n---\nherons on the coast\n");
        folder.Write("docs/c.jsonl", "{\"year\":2024,\"text\":\"herons of the river\"}\n{\"text\":\"herons of no year\"}\n");
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--field", "year:int")).Expect(0);

        var hits = (await CliProcess.RunAsync(folder.Path, "search", "herons", "--mode", "keyword", "--where", "year >= 2020", "--json"))
            .Expect(0)
            .Json.GetProperty("hits")
            .EnumerateArray();

        Assert.Equal(
            ["docs/b.md", "docs/c.jsonl"],
            hits.Select(hit => hit.GetProperty("source").GetString()).Order(StringComparer.Ordinal)
        );
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs", "--field", "year:number")).ExpectOneLineError("year:number");
    }

    [Fact]
    public async Task A_moved_folder_keeps_its_documents_and_copies_are_shown_and_deleted_with_their_places()
    {
        using var folder = new TemporaryFolder();
        folder.Write("docs/a.md", "# Herons\n\nThey wade in the shallow lake.");
        folder.Write("docs/b.md", "# Terns\n\nThey dive into the sea.");
        folder.Write("docs/sub/copy.md", "# Herons\n\nThey wade in the shallow lake.");
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs")).Expect(0);
        Directory.CreateDirectory(folder.Combine("elsewhere"));
        Directory.Move(folder.Combine("docs"), folder.Combine("elsewhere", "docs"));

        var moved = (await CliProcess.RunAsync(folder.Path, "ingest", "elsewhere/docs", "--json")).Expect(0).Json.GetProperty("files");
        Assert.Equal((0, 0), (moved.GetProperty("read").GetInt32(), moved.GetProperty("removed").GetInt32()));
        Assert.Equal(["docs/a.md", "docs/b.md", "docs/sub/copy.md"], await SourcesAsync(folder));

        var hit = Assert.Single(
            (await CliProcess.RunAsync(folder.Path, "search", "wade", "--mode", "keyword", "--json"))
                .Expect(0)
                .Json.GetProperty("hits")
                .EnumerateArray()
        );
        Assert.StartsWith(folder.Combine("elsewhere"), hit.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.Single(hit.GetProperty("copies").EnumerateArray());
        var shown = (await SearchAsync(folder, "wade")).Expect(0).Out;
        Assert.Contains(Path.Combine("elsewhere", "docs", "a.md") + ":3", shown, StringComparison.Ordinal);
        Assert.Contains("also " + Path.Combine("elsewhere", "docs", "sub", "copy.md"), shown, StringComparison.Ordinal);
        (await CliProcess.RunAsync(folder.Path, "search", "wade", "--mode", "keyword", "--open", "7")).Expect(2);

        // The passages outlive the first of the two places.
        (await CliProcess.RunAsync(folder.Path, "document", "delete", "docs/a.md")).Expect(0);
        (await SearchAsync(folder, "wade")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "document", "delete", "docs/sub/*")).Expect(0);
        (await SearchAsync(folder, "wade")).Expect(1);
        Directory.Delete(folder.Combine("elsewhere", "docs"), recursive: true);
        folder.Write("other/c.md", "about okapis");
        (await CliProcess.RunAsync(folder.Path, "ingest", "other")).Expect(0);
        Assert.Equal(["docs/b.md", "other/c.md"], await SourcesAsync(folder));
        (await CliProcess.RunAsync(folder.Path, "ingest", "other", "--prune")).Expect(0);
        Assert.Equal(["other/c.md"], await SourcesAsync(folder));
    }

    [Fact]
    public async Task A_query_that_nothing_is_near_to_finds_nothing_and_says_so()
    {
        using var folder = new TemporaryFolder();
        SampleDocuments.WriteTo(folder);
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs")).Expect(0);

        // The model says how far an answer may be; where no distance is given, that counts if no word matches.
        var none = (await CliProcess.RunAsync(folder.Path, "search", "qfx zyzzyva")).Expect(1);
        Assert.Contains("near in meaning", none.Error, StringComparison.Ordinal);
        (await CliProcess.RunAsync(folder.Path, "search", "qfx zyzzyva", "--max-distance", "2")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "search", "qfx zyzzyva", "--mode", "vector")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "search", "hollow")).Expect(0);
        (await CliProcess.RunAsync(folder.Path, "search", "loafs")).Expect(0);
        var nothing = (await CliProcess.RunAsync(folder.Path, "search", "zzz", "--max-distance", "0.5")).Expect(1);
        Assert.Contains("nothing found for 'zzz'", nothing.Error, StringComparison.Ordinal);
        (await CliProcess.RunAsync(folder.Path, "search", "how is a loaf of bread baked", "--max-distance", "0.5")).Expect(0);
        // Words count as they are, however far their passage is by meaning.
        (await CliProcess.RunAsync(folder.Path, "search", "hollow", "--max-distance", "0.01")).Expect(0);
    }

    [Fact]
    public async Task A_folder_of_bad_files_alone_ends_with_2()
    {
        using var folder = new TemporaryFolder();
        folder.Write("docs/a.pdf", "no PDF");
        folder.Write("docs/b.docx", "no Word document");

        (await CliProcess.RunAsync(folder.Path, "ingest", "docs")).ExpectOneLineError("a.pdf", "1 more");
    }

    [Fact]
    public async Task A_watched_folder_is_followed_until_it_is_told_to_stop()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no signal to send to a child process on Windows.");
        using var folder = new TemporaryFolder();
        folder.Write("docs/a.md", "about herons");
        using var process = CliProcess.Start(folder.Path, null, "ingest", "docs", "--watch");
        await SeenAsync("watching");

        // As editors save, and as logs rotate.
        folder.Write("docs/.b.md.tmp", "about quokkas");
        File.Move(folder.Combine("docs", ".b.md.tmp"), folder.Combine("docs", "b.md"));
        File.Move(folder.Combine("docs", "a.md"), folder.Combine("docs", "a-1.md"));
        folder.Write("docs/a.md", "about tapirs");
        await SeenAsync("watching");
        await RunAsync("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // A look at the middle of the changes takes another one to see the rest.
        (await CliProcess.RunAsync(folder.Path, "ingest", "docs")).Expect(0);
        Assert.Equal(["docs/a-1.md", "docs/a.md", "docs/b.md"], await SourcesAsync(folder));
        foreach (var animal in new[] { "herons", "quokkas", "tapirs" })
            (await SearchAsync(folder, animal)).Expect(0);

        async Task SeenAsync(string word)
        {
            while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                if (line.StartsWith(word, StringComparison.Ordinal))
                    return;
            }

            Assert.Fail($"It ended without '{word}'.");
        }
    }

    private static Task<CliResult> SearchAsync(TemporaryFolder folder, string query) =>
        CliProcess.RunAsync(folder.Path, "search", query, "--mode", "keyword");

    private static async Task<string[]> SourcesAsync(TemporaryFolder folder) =>
        [
            .. (await CliProcess.RunAsync(folder.Path, "document", "list", "--json"))
                .Expect(0)
                .Json.EnumerateArray()
                .Select(file => file.GetProperty("source").GetString()!)
                .Order(StringComparer.Ordinal),
        ];

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
