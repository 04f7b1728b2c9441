using System.Diagnostics;

namespace SearchEngine.Ingestion.Tests.Pipeline;

/// <summary>Files and folders whose names are not UTF-8, made by a shell: the runtime cannot name them.</summary>
public sealed class RawNameTests
{
    [Fact]
    public async Task Files_whose_names_are_not_UTF8_are_read_kept_and_removed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Names are bytes on Linux alone.");
        await using var fixture = await IngestionFixture.CreateAsync();
        var docs = Path.GetDirectoryName(fixture.Files.Write("docs/plain.md", "about herons"))!;
        await ShellAsync(
            docs,
            @"printf 'about quokkas' > ""$(printf 'caf\351.md')""; mkdir ""$(printf 'd\351p\364t')""; printf 'about walruses' > ""$(printf 'd\351p\364t/a\377\376.md')"";"
                + @" printf 'about tapirs' > ""$(printf 'd\351p\364t/b')""; printf 'bin.md\n' > ""$(printf 'd\351p\364t/.gitignore')"""
        );
        var options = new IngestionOptions { NamedRoots = true };
        try
        {
            var report = await fixture.IngestAsync(options, docs);

            Assert.Equal((4, 0), (report.Read, report.Failures.Count));
            Assert.Empty(report.PassedOver);
            foreach (var animal in new[] { "quokkas", "walruses", "tapirs" })
            {
                var hit = (await fixture.Collection.SearchAsync(new SearchRequest { Text = animal, Mode = SearchMode.Keyword }))[0];
                Assert.Contains(animal, hit.Document.Get<string>("text"), StringComparison.Ordinal);
            }

            var catalog = await DocumentCatalog.OpenAsync(fixture.Collection);
            var files = await catalog.ListAsync();
            Assert.Equal(4, files.Count);
            Assert.Equal(4, files.Select(file => file.Source).Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(4, (await fixture.IngestAsync(options, docs)).Skipped);
            Assert.Empty(await catalog.PruneAsync(dryRun: true));
            Assert.Equal(0, (await fixture.IngestAsync(options, docs)).Removed);

            await ShellAsync(docs, @"printf 'about okapis' > ""$(printf 'caf\351.md')""; rm ""$(printf 'd\351p\364t/b')""");
            var changed = await fixture.IngestAsync(options, docs);
            Assert.Equal((1, 2, 1), (changed.Read, changed.Skipped, changed.Removed));
        }
        finally
        {
            // The runtime cannot delete what it cannot name.
            await ShellAsync(docs, "rm -r -- *");
        }
    }

    private static async Task ShellAsync(string folder, string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = folder })!;
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);
    }
}
