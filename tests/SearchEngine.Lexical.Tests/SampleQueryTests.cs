using SearchEngine.TestSupport;

namespace SearchEngine.Lexical.Tests;

/// <summary>
/// Sixty queries as people type them (typos, other word forms, identifiers, acronyms, questions) over the samples, with the document that
/// should come first.
/// </summary>
public sealed class SampleQueryTests
{
    /// <summary>
    /// By words alone; queries whose document shares no word with them are for the meaning part. Kept at what is reached.
    /// </summary>
    private const int LeastFirst = 52;

    [Fact]
    public void The_expected_document_comes_first()
    {
        var samples = Path.Combine(Repository.Root, "samples");
        string[] files =
        [
            .. new[] { "wikipedia", "cpp" }
                .SelectMany(folder => Directory.GetFiles(Path.Combine(samples, folder), "*.md"))
                .Order(StringComparer.Ordinal),
        ];
        using var fixture = new IndexFixture();
        using var index = fixture.Open();
        index.Add(files.Select((file, i) => IndexFixture.Doc(i, File.ReadAllText(file))));
        index.Refresh();
        var missed = new List<string>();
        var cases = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "SearchEngine.Lexical.Tests", "Cases", "sample-queries.tsv"));
        foreach (var line in cases)
        {
            var (query, expected) = (line.Split('\t')[0], line.Split('\t')[1]);
            var found = IndexFixture.Search(index, index.Correct(query).Text, top: 1);
            if (found is not [var first] || Path.GetRelativePath(samples, files[first]).Replace('\\', '/') != expected)
                missed.Add(query);
        }

        Assert.Equal(60, cases.Length);
        Assert.True(
            cases.Length - missed.Count >= LeastFirst,
            $"{missed.Count} of {cases.Length} queries miss their document: {string.Join("; ", missed)}"
        );
    }
}
