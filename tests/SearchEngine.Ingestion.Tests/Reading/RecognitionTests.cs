using SearchEngine.Ingestion.Tests.Formats;

namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>Pages that are pictures: told of where nothing recognizes them, and read by what is given.</summary>
public sealed class RecognitionTests
{
    private static IngestionOptions With(string name, Func<string, int, string> read) =>
        new() { Recognition = new TextRecognition(name, (path, page, _) => read(path, page)) };

    [Fact]
    public async Task A_page_that_a_picture_fills_is_told_of_and_recognized()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("scan.pdf", SampleOffice.PicturePdf());
        fixture.Files.Write("photo.png", SampleOffice.Png);

        var without = await fixture.IngestAsync();
        Assert.Contains("(2); they need text recognition", Assert.Single(without.Warnings).Message);
        Assert.Equal([".png"], without.PassedOver.Select(p => p.Kind));

        // The same files are read anew: something recognizes them now.
        var with = await fixture.IngestAsync(
            With("first", (path, page) => $"recognized {Path.GetFileName(path)} page{page}\n\nokapi{page}")
        );
        Assert.Equal((2, 0), (with.Read, with.Warnings.Count));
        Assert.Equal(["photo.png", "scan.pdf"], (await fixture.SearchAsync("okapi1 okapi2")).Distinct().Order());
        var page = fixture.Collection.Get(IngestionSchema.Key(fixture.Files["scan.pdf"], 1))!;
        Assert.Equal((2, "recognized scan.pdf page2\n\nokapi2"), (page.Get<int>("page"), page["text"]));
    }

    [Fact]
    public async Task Attachments_are_recognized_too_and_leave_nothing_behind()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("a.zip", SampleFiles.Zip(("in/photo.jpg", [1, 2, 3])));
        string? seen = null;

        await fixture.IngestAsync(
            With(
                "zip",
                (path, _) =>
                {
                    seen = path;
                    return Convert.ToHexString(File.ReadAllBytes(path));
                }
            )
        );

        Assert.Equal("a.zip", (await fixture.SearchAsync("010203"))[0]);
        Assert.False(File.Exists(seen));
    }

    [Fact]
    public async Task A_recognition_that_fails_is_told_by_page_and_the_rest_is_read()
    {
        await using var fixture = await IngestionFixture.CreateAsync();
        fixture.Files.Write("scan.pdf", SampleOffice.PicturePdf());

        var report = await fixture.IngestAsync(With("bad", (_, _) => throw new InvalidOperationException("no ink")));

        Assert.Equal(1, report.Read);
        Assert.Equal("The text of page 2 was not recognized: no ink", Assert.Single(report.Warnings).Message);
        Assert.Equal("scan.pdf", (await fixture.SearchAsync("typed"))[0]);
    }

    [Fact]
    public void A_program_gets_the_file_and_the_page_and_its_failures_are_told()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The programs are scripts of a Unix shell.");
        using var folder = new TempFolder();
        string Script(string name, string text)
        {
            var path = folder.Write(name, "#!/bin/sh\n" + text);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            return path;
        }

        string Run(string program, TimeSpan? limit = null) =>
            TextRecognition.ByCommand(program, limit).Read("a file's; name.pdf", 7, TestContext.Current.CancellationToken);

        Assert.Equal("a file's; name.pdf page 7 grün\n", Run(Script("good", "echo \"$1 page $2 grün\"")));
        Assert.Contains("exit code 3: no model", Assert.Throws<IOException>(() => Run(Script("bad", "echo no model >&2; exit 3"))).Message);
        Assert.Contains(
            "longer than 0.2 seconds",
            Assert.Throws<IOException>(() => Run(Script("slow", "sleep 600"), TimeSpan.FromMilliseconds(200))).Message
        );
        Assert.Contains("cannot be started", Assert.Throws<IOException>(() => Run(folder["nothing"])).Message);
        Assert.Contains("wrote more than", Assert.Throws<IOException>(() => Run(Script("endless", "yes"))).Message);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.ThrowsAny<OperationCanceledException>(() =>
            TextRecognition.ByCommand(Script("held", "sleep 600")).Read("f", 1, cancelled.Token)
        );
    }
}
