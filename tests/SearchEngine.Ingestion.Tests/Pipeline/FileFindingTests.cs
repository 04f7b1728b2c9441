using System.Diagnostics;
using CsCheck;

namespace SearchEngine.Ingestion.Tests.Pipeline;

public sealed class FileFindingTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string[] Found(FileFinder finder) => [.. finder.Files.Select(f => Path.GetRelativePath(_folder.Path, f.Path))];

    private FileFinder Find(IngestionOptions? options, params string[] paths)
    {
        var finder = new FileFinder(options ?? new IngestionOptions());
        finder.Find(paths.Length == 0 ? [_folder.Path] : [.. paths.Select(p => _folder[p])], CancellationToken.None);
        return finder;
    }

    [Theory]
    [InlineData("*.md", "a.md", true)]
    [InlineData("*.md", "sub/a.md", false)]
    [InlineData("**/*.md", "a.md", true)]
    [InlineData("**/*.md", "x/y/a.md", true)]
    [InlineData("file?.txt", "file1.txt", true)]
    [InlineData("file?.txt", "file10.txt", false)]
    [InlineData("file[0-3].txt", "file2.txt", true)]
    [InlineData("file[!0-3].txt", "file2.txt", false)]
    [InlineData("[]a].md", "].md", true)]
    [InlineData("[!]a].md", "b.md", true)]
    [InlineData("[!]a].md", "].md", false)]
    [InlineData("[^a].md", "a.md", false)]
    [InlineData("**/*.{md,txt}", "x/a.txt", true)]
    [InlineData("**/*.{md,txt}", "x/a.html", false)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("\\*.md", "*.md", true)]
    public void Globs(string pattern, string path, bool matches) => Assert.Equal(matches, new GlobPattern(pattern).IsMatch(path));

    [Fact]
    public void Any_text_is_a_glob_or_is_refused_and_takes_no_time() =>
        Gen.String[Gen.OneOf(Gen.Char['a', 'c'], Gen.OneOf('*', '?', '[', ']', '{', '}', ',', '!', '/', '\\', '-')), 1, 40]
            .Sample(
                pattern =>
                {
                    try
                    {
                        new GlobPattern(pattern).IsMatch(new string('a', 2000) + "/b");
                    }
                    catch (ArgumentException) { }
                },
                iter: 500,
                seed: "0000KLR7q9Fb"
            );

    [Fact]
    public void Pipes_are_passed_over_and_links_lead_nowhere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no pipes among the files of Windows.");
        using var outside = new TempFolder();
        outside.Write("secret.md", "secret");
        _folder.Write("a.md", "text");
        _folder.Write("sub/b.md", "text");
        using (var process = Process.Start("mkfifo", [_folder["pipe.md"]]))
        {
            process.WaitForExit();
        }

        File.CreateSymbolicLink(_folder["out.md"], outside["secret.md"]);
        Directory.CreateSymbolicLink(_folder["outside"], outside.Path);
        Directory.CreateSymbolicLink(_folder["sub/loop"], _folder.Path);

        var finder = Find(null);
        Assert.Equal(["a.md", "sub/b.md"], Found(finder));
        var passed = finder.PassedOver.ToReport().ToDictionary(p => p.Kind, p => p.Count);
        Assert.Equal((1, 3), (passed["special"], passed["link"]));
        Assert.Contains("pipe", Assert.Throws<FileNotFoundException>(() => Find(null, "pipe.md")).Message);
        var followed = Find(new IngestionOptions { FollowLinks = true });
        Assert.Contains("out.md", Found(followed));
        Assert.Contains("outside/secret.md", Found(followed));
        Assert.True(followed.Files.Count < 10, "a link to a folder above is followed once");
    }

    [Fact]
    public void Ignore_files_and_patterns_decide()
    {
        foreach (
            var name in new[]
            {
                "a.md",
                "b.log",
                "keep.log",
                "build/c.md",
                "sub/build/d.md",
                "sub/e.tmp",
                "sub/f.md",
                ".hidden.md",
                "docs/g.md",
                "docs/old/h.md",
            }
        )
        {
            _folder.Write(name, "text");
        }

        _folder.Write(".gitignore", "*.log\n!keep.log\n/build/\n# comment\n");
        _folder.Write("sub/.gitignore", "*.tmp\n");

        Assert.Equal(["a.md", "docs/g.md", "docs/old/h.md", "keep.log", "sub/build/d.md", "sub/f.md"], Found(Find(null)));
        Assert.Equal(9, Find(new IngestionOptions { UseIgnoreFiles = false }).Files.Count);
        Assert.Equal(
            ["docs/g.md", "sub/build/d.md", "sub/f.md"],
            Found(Find(new IngestionOptions { Include = ["*.md"], Exclude = ["docs/old/**", "a.*"] }))
        );
        var passed = Find(null).PassedOver.ToReport().ToDictionary(p => p.Kind, p => p.Count);
        Assert.Equal((1, 3), (passed["hidden"], passed["ignored"]));
    }
}
