using System.Text.RegularExpressions;

namespace SearchEngine.Cli.Tests;

public sealed partial class ReadmeTests
{
    [Fact]
    public void The_library_example_is_the_one_that_is_compiled()
    {
        var root = RepositoryRoot();
        var readme = Between(File.ReadAllLines(Path.Combine(root, "README.md")), "```csharp", "```");
        var compiled = Between(
            File.ReadAllLines(Path.Combine(root, "tests", "SearchEngine.Cli.Tests", "ReadmeExample.cs")),
            "// README begin",
            "// README end"
        );

        // Word for word: each has the line breaks of its place.
        Assert.Equal(5, readme.Length);
        Assert.Equal(Compact(compiled), Compact(readme));
    }

    private static string Compact(string[] lines) =>
        Blanks().Replace(string.Concat(lines), "").Replace(",}", "}", StringComparison.Ordinal);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [Fact]
    public void Files_that_the_documents_link_to_are_there()
    {
        var root = RepositoryRoot();
        string[] documents =
        [
            .. new[]
            {
                "README.md",
                "ARCHITECTURE.md",
                "plugins/SearchEngine.SemanticKernel/README.md",
                "samples/SemanticKernelChat/README.md",
                "index/SearchEngine.Storage/DATA-LAYOUT.md",
            }.Select(path => Path.Combine(root, path)),
            .. Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories),
        ];
        Assert.True(documents.Length > 10);
        foreach (var document in documents)
        {
            foreach (Match link in LinkTarget().Matches(File.ReadAllText(document)))
            {
                Assert.True(
                    Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value)),
                    $"{document} links to {link.Groups[1].Value}, which is not there"
                );
            }
        }
    }

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)")]
    private static partial Regex LinkTarget();

    private static string[] Between(string[] lines, string begin, string end) =>
        [.. lines.Select(line => line.Trim()).SkipWhile(line => line != begin).Skip(1).TakeWhile(line => line != end)];

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "SearchEngine.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("The tests run outside the repository.");
    }
}
