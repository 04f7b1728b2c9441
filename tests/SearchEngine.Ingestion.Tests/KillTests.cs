namespace SearchEngine.Ingestion.Tests;

public sealed class KillTests
{
    [Fact]
    public async Task A_killed_ingestion_keeps_what_it_reported_and_the_next_one_completes_it()
    {
        const int Files = 120;
        await using var fixture = await IngestionFixture.CreateAsync();
        for (var i = 0; i < Files; i++)
            fixture.Files.Write($"{i:D3}.md", $"# File {i}\n\ntext number{i}\n");
        // A file of several batches in the middle of it.
        var large = fixture.Files.Write(
            "060-large.jsonl",
            string.Concat(Enumerable.Range(0, 50).Select(i => $"{{\"text\":\"record {i}\"}}\n"))
        );
        string[] before = [.. Enumerable.Range(0, Files).Select(i => fixture.Files[$"{i:D3}.md"])];
        // Files stored by an earlier round are reported again at once.
        foreach (var reports in new[] { 5, 40, 66 })
        {
            await fixture.Database.DisposeAsync();
            var reported = RunAndKill(fixture, reports);
            await fixture.OpenAsync();

            var stored = fixture.Stored();
            Assert.All(reported.Where(path => path != large), path => Assert.Equal(1, stored[path]));
            var verification = await fixture.Collection.VerifyAsync();
            Assert.True(verification.IsSound, string.Join('\n', verification.Problems));
        }

        var report = await fixture.IngestAsync(KilledIngestion.Options);

        Assert.Equal(Files + 1, report.Read + report.Skipped);
        Assert.True(report.Skipped >= 5);
        var all = fixture.Stored();
        Assert.All(before, path => Assert.Equal(1, all[path]));
        Assert.Equal(50, all[large]);
        Assert.Equal(Files + 50, fixture.Collection.Count);
    }

    private static HashSet<string> RunAndKill(IngestionFixture fixture, int reports)
    {
        using var child = KilledIngestion.Start(fixture.Files.Path, fixture.Data.FullPath);
        var reported = new HashSet<string>();
        while (reported.Count < reports && child.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(fixture.Files.Path, StringComparison.Ordinal))
                reported.Add(line);
        }
        if (!child.HasExited)
            child.Kill();
        child.WaitForExit();
        return reported;
    }
}
