using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests.Browser;

/// <summary>The samples of the repository that the page is shown with.</summary>
internal static class SampleFiles
{
    /// <summary>Every so many of the encyclopedia, and some of the manual of C++: a map with two countries.</summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        .. Of("wikipedia").Where((path, i) => i % 8 == 0 || Path.GetFileName(path) is "bread.md" or "whale.md" or "blue-whale.md"),
        .. Of("cpp").Where((_, i) => i % 4 == 0),
    ];

    private static IOrderedEnumerable<string> Of(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples", folder), "*.md").Order(StringComparer.Ordinal);
}
