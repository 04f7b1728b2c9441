using System.Text.RegularExpressions;
using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests;

/// <summary>The README's first command gives what the README says of it, whatever has come to the samples since.</summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public async Task The_first_search_finds_by_meaning_what_the_README_says()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), TestContext.Current.CancellationToken);
        var query = Search().Match(readme).Groups[1].Value;
        var expected = FirstHit().Match(readme).Groups[1].Value;
        Assert.NotEqual("", query);
        Assert.NotEqual("", expected);
        using var folder = new TemporaryFolder();
        (await CliProcess.RunAsync(folder.Path, "ingest", Path.Combine(Repository.Root, "samples"))).Expect(0);

        var found = (await CliProcess.RunAsync(folder.Path, "search", query, "--json")).Expect(0).Json;

        var first = found.GetProperty("hits")[0].GetRawText();
        Assert.Contains(expected, first, StringComparison.Ordinal);
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, expected), TestContext.Current.CancellationToken);
        Assert.All(query.Split(' '), word => Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex("-- search \"([^\"]+)\"")]
    private static partial Regex Search();

    [GeneratedRegex("The first hit is [^`]*`([^`]+)`")]
    private static partial Regex FirstHit();
}
