using System.Text.RegularExpressions;

namespace SearchEngine.Cli.Tests;

/// <summary>Rule: what docs/search.md tells people to type can be typed.</summary>
[Collection(DatabaseTests.Name)]
public sealed partial class SearchPageTests(IngestedDatabase database)
{
    [Fact]
    public async Task Every_example_runs()
    {
        var page = await File.ReadAllLinesAsync(Path.Combine(TestSupport.Repository.Root, "docs", "search.md"));
        string[] examples =
        [
            .. page.Where(line => line.StartsWith("    searchengine ", StringComparison.Ordinal))
                // Models that do not ship are not here.
                .Where(line => !line.Contains(" models/", StringComparison.Ordinal)),
        ];
        Assert.InRange(examples.Length, 8, 30);
        foreach (var example in examples)
        {
            var words = Words().Matches(example).Skip(1).Select(word => word.Value.Trim('"')).ToArray();
            var result = await database.RunAsync(words);
            // Found, or nothing found in these few documents; 2 would be wrong use.
            Assert.True(result.ExitCode is 0 or 1, $"{example}: {result.ExitCode} {result.Error}");
        }
    }

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Words();
}
