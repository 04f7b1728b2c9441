using System.Text.RegularExpressions;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Api.Tests;

public sealed partial class DocumentExampleTests
{
    [Fact]
    public void Every_program_in_the_documents_is_one_that_is_compiled()
    {
        var root = Repository.Root;
        var compiled = Blocks(Path.Combine(root, "tests", "SearchEngine.Api.Tests", "DocumentExamples.cs"), "// begin", "// end");
        var shown = new List<string>();
        foreach (var document in Directory.EnumerateFiles(Path.Combine(root, "docs"), "*.md", SearchOption.AllDirectories))
        {
            // The page of the packages has programs that other tests build and run; Microsoft.Extensions.DataIngestion is no dependency.
            if (Path.GetFileName(document) is not ("package.md" or "data-ingestion.md"))
                shown.AddRange(Blocks(document, "```csharp", "```"));
        }

        Assert.Equal(compiled.Order(StringComparer.Ordinal), shown.Order(StringComparer.Ordinal));
    }

    /// <summary>What stands between two lines, without blanks and the commas before a brace: each has the line breaks of its place.</summary>
    private static List<string> Blocks(string file, string begin, string end)
    {
        var blocks = new List<string>();
        List<string>? block = null;
        foreach (var line in File.ReadLines(file).Select(line => line.Trim()))
        {
            if (line == begin)
            {
                block = [];
            }
            else if (line == end && block is not null)
            {
                blocks.Add(Blanks().Replace(string.Concat(block), "").Replace(",}", "}", StringComparison.Ordinal));
                block = null;
            }
            else
            {
                block?.Add(line);
            }
        }

        return blocks;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
