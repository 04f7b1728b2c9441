using System.Xml.Linq;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Architecture;

/// <summary>The allowed edges between projects, as ARCHITECTURE.md lists them, held against the project files.</summary>
public class LayerTests
{
    private static readonly string[] Leaves =
    [
        "SearchEngine.Vectors",
        "SearchEngine.Storage",
        "SearchEngine.Lexical",
        "SearchEngine.Embeddings",
    ];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["SearchEngine.Vectors"] = [],
        ["SearchEngine.Storage"] = [],
        ["SearchEngine.Lexical"] = [],
        ["SearchEngine.Embeddings"] = [],
        ["SearchEngine"] = ["SearchEngine.Vectors", "SearchEngine.Storage", "SearchEngine.Lexical"],
        ["SearchEngine.Ingestion"] = ["SearchEngine"],
        ["SearchEngine.Migration"] = ["SearchEngine"],
        ["SearchEngine.Embeddings.Torch"] = ["SearchEngine.Embeddings"],
        ["SearchEngine.Training"] = ["SearchEngine.Embeddings", "SearchEngine.Embeddings.Torch"],
        ["SearchEngine.SemanticKernel"] = ["SearchEngine", "SearchEngine.Embeddings"],
        ["SearchEngine.Mcp"] = ["SearchEngine", "SearchEngine.Ingestion"],
        ["SearchEngine.Client"] = ["SearchEngine"],
        ["SearchEngine.Distributed"] = ["SearchEngine"],
        ["SearchEngine.Cli"] =
        [
            "SearchEngine",
            "SearchEngine.Ingestion",
            "SearchEngine.Migration",
            "SearchEngine.Embeddings",
            "SearchEngine.Api",
            "SearchEngine.Distributed",
        ],
        ["SearchEngine.Cli.Native"] = ["SearchEngine", "SearchEngine.Ingestion", "SearchEngine.Embeddings", "SearchEngine.Distributed"],
        ["SearchEngine.Cli.Training"] =
        [
            "SearchEngine",
            "SearchEngine.Ingestion",
            "SearchEngine.Migration",
            "SearchEngine.Embeddings",
            "SearchEngine.Training",
            "SearchEngine.Api",
            "SearchEngine.Distributed",
        ],
        ["SearchEngine.Api"] =
        [
            "SearchEngine",
            "SearchEngine.Ingestion",
            "SearchEngine.Embeddings",
            "SearchEngine.Mcp",
            "SearchEngine.Distributed",
        ],
    };

    /// <summary>What brings native libraries for computing and drawing.</summary>
    private static readonly string[] Heavy = ["torch", "ScottPlot", "SkiaSharp", "HarfBuzz"];

    /// <summary>Heavy packages and the only projects that may reference them.</summary>
    private static readonly Dictionary<string, string[]> Homes = new()
    {
        ["TorchSharp"] = ["SearchEngine.Embeddings.Torch", "SearchEngine.Training"],
        ["libtorch-"] = [], // the program chooses it: Directory.Build.targets
        ["Microsoft.ML.Tokenizers"] = ["SearchEngine.Embeddings"],
        ["Microsoft.FASTER.Core"] = ["SearchEngine.Storage"],
        ["Lucene.Net"] = ["SearchEngine.Lexical"],
        ["Parquet.Net"] = ["SearchEngine", "SearchEngine.Migration", "SearchEngine.Training"],
        ["Apache.Arrow"] = ["SearchEngine.Migration"],
        ["Microsoft.Data.Sqlite"] = ["SearchEngine.Migration"],
        ["Microsoft.SemanticKernel"] = ["SearchEngine.SemanticKernel"],
        ["PdfPig"] = ["SearchEngine.Ingestion"],
        ["MimeKit"] = ["SearchEngine.Ingestion"],
        ["AngleSharp"] = ["SearchEngine.Ingestion"],
        ["DocumentFormat.OpenXml"] = ["SearchEngine.Ingestion"],
        ["System.CommandLine"] = ["SearchEngine.Cli", "SearchEngine.Cli.Native", "SearchEngine.Cli.Training"],
        ["ScottPlot"] = ["SearchEngine.Training"],
        ["ModelContextProtocol"] = ["SearchEngine.Mcp", "SearchEngine.Api"],
        ["OpenTelemetry"] = ["SearchEngine.Api"],
        ["Npgsql"] = ["SearchEngine.Distributed"],
        ["Microsoft.Orleans"] = ["SearchEngine.Distributed"],
    };

    private static IEnumerable<(string Name, XDocument Project)> ProductProjects() =>
        new[] { "src", "plugins", "index" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(path => (Path.GetFileNameWithoutExtension(path), XDocument.Load(path)));

    [Fact]
    public void Every_edge_between_product_projects_is_allowed()
    {
        var seen = 0;
        foreach (var (name, project) in ProductProjects())
        {
            seen++;
            Assert.True(
                Allowed.TryGetValue(name, out var allowed),
                $"{name} is not in the list of layers: add it there and to ARCHITECTURE.md."
            );
            foreach (
                var reference in project
                    .Descendants("ProjectReference")
                    .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')))
            )
            {
                Assert.True(allowed.Contains(reference), $"{name} must not reference {reference}.");
            }
        }

        Assert.True(seen >= Leaves.Length + 1, $"Only {seen} product projects were found.");
    }

    [Fact]
    public void Heavy_packages_stay_in_their_homes()
    {
        foreach (var (name, project) in ProductProjects())
        {
            foreach (var package in project.Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value))
            {
                foreach (var (prefix, homes) in Homes)
                {
                    if (package.StartsWith(prefix, StringComparison.Ordinal))
                        Assert.True(homes.Contains(name), $"{name} must not reference {package}; it lives in {string.Join(", ", homes)}.");
                }
            }
        }
    }

    /// <summary>What embeds on a CPU carries no native library: not through any project that it rests on, nor by a setting of the build.</summary>
    [Theory]
    [InlineData("SearchEngine.Embeddings")]
    [InlineData("SearchEngine")]
    [InlineData("SearchEngine.Ingestion")]
    [InlineData("SearchEngine.SemanticKernel")]
    [InlineData("SearchEngine.Mcp")]
    [InlineData("SearchEngine.Client")]
    [InlineData("SearchEngine.Api")]
    [InlineData("SearchEngine.Cli")]
    public void Nothing_of_Torch_is_below(string project)
    {
        var projects = ProductProjects().ToDictionary(p => p.Name, p => p.Project);
        Queue<string> open = new([project]);
        HashSet<string> seen = [];
        while (open.TryDequeue(out var name))
        {
            if (!seen.Add(name))
                continue;
            Assert.False(name == "SearchEngine.Embeddings.Torch", $"{project} reaches {name}: {string.Join(", ", seen)}");
            foreach (var package in projects[name].Descendants("PackageReference").Select(r => r.Attribute("Include")!.Value))
            {
                Assert.False(
                    Heavy.Any(h => package.Contains(h, StringComparison.OrdinalIgnoreCase)),
                    $"{project} reaches {package} in {name}."
                );
            }
            Assert.DoesNotContain(projects[name].Descendants("UsesLibTorch"), uses => uses.Value == "true");
            foreach (var reference in projects[name].Descendants("ProjectReference"))
                open.Enqueue(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
        }
    }

    [Fact]
    public void No_project_is_a_dump_for_shared_code()
    {
        foreach (var (name, _) in ProductProjects())
            Assert.DoesNotMatch("Common|Utils|Core|Helpers", name);
    }
}
