using System.Xml.Linq;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>What docs/deployment.md promises about packages and native libraries, held against the project files.</summary>
public class PackagingTests
{
    private static readonly Dictionary<string, XDocument> Projects = new[]
    {
        "src",
        "index",
        "plugins",
        "tests",
        "benchmarks",
        "samples",
        "packaging",
    }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => XDocument.Load(path, LoadOptions.SetBaseUri));

    [Fact]
    public void EveryPackageDescribesItself()
    {
        string[] packages = [.. Projects.Where(p => Says(p.Value, "IsPackable", "true")).Select(p => p.Key)];
        Assert.True(packages.Length >= 8, string.Join(", ", packages));
        foreach (var name in packages)
            Assert.True(Projects[name].Descendants("Description").Any(d => d.Value.Length > 20), $"{name} has no description.");
    }

    /// <summary>
    /// A package that a program refers to promises its public members, which the build holds against these files; tools and packages of
    /// files only have nobody who calls them.
    /// </summary>
    [Fact]
    public void EveryLibraryPinsItsSurface()
    {
        var libraries = Projects
            .Where(p =>
                Says(p.Value, "IsPackable", "true") && !Says(p.Value, "PackAsTool", "true") && !Says(p.Value, "IncludeBuildOutput", "false")
            )
            .ToList();
        Assert.True(libraries.Count >= 12, string.Join(", ", libraries.Select(library => library.Key)));
        foreach (var (name, project) in libraries)
        {
            foreach (var file in new[] { "PublicAPI.Shipped.txt", "PublicAPI.Unshipped.txt" })
            {
                var path = Path.Combine(Path.GetDirectoryName(new Uri(project.BaseUri).LocalPath)!, file);
                Assert.True(
                    File.Exists(path),
                    $"{name} has no {file}: make both with the line \"#nullable enable\", then packaging/public-api.sh."
                );
                Assert.Equal("#nullable enable", File.ReadLines(path).FirstOrDefault());
            }
        }
    }

    [Fact]
    public void ProgramsChooseTorchAndLibrariesDoNotHandItOn()
    {
        foreach ((var name, var project) in Projects)
        {
            var runs =
                Says(project, "OutputType", "Exe") || project.Root!.Attribute("Sdk")!.Value.EndsWith(".Web", StringComparison.Ordinal);
            Assert.DoesNotContain(
                project.Descendants("PackageReference"),
                r => r.Attribute("Include")!.Value.StartsWith("libtorch", StringComparison.Ordinal)
            );
            Assert.False(!runs && Says(project, "UsesLibTorch", "true"), $"{name} is a library and must leave libtorch to programs.");

            // The trainer and what runs models on it cannot be without.
            foreach (var reference in project.Descendants("PackageReference").Where(r => r.Attribute("Include")!.Value == "TorchSharp"))
            {
                Assert.True(
                    name is "SearchEngine.Training" or "SearchEngine.Embeddings.Torch"
                        || reference.Attribute("PrivateAssets")?.Value == "all",
                    $"{name} hands TorchSharp on."
                );
            }
        }

        // These let their users choose devices and number types: they have libtorch, or take it when they are built for it.
        foreach (var name in new[] { "SearchEngine.Cli.Training", "SearchEngine.Workloads" })
            Assert.True(Says(Projects[name], "UsesLibTorch", "true"), $"{name} offers what runs on libtorch: set UsesLibTorch.");
        foreach (var name in new[] { "SearchEngine.Cli", "SearchEngine.Api" })
            Assert.True(Says(Projects[name], "OffersTorch", "true"), $"{name} takes libtorch with -p:TorchDevice: set OffersTorch.");
    }

    /// <summary>What is content of a tool's project is packed with the program; unless told otherwise, twice more beside it.</summary>
    [Fact]
    public void ToolsCarryTheModelOnce()
    {
        var tools = Projects.Where(p => Says(p.Value, "PackAsTool", "true")).ToList();
        Assert.Equal(["SearchEngine.Cli", "SearchEngine.Cli.Training"], tools.Select(tool => tool.Key).Order());
        Assert.All(
            tools.SelectMany(tool => tool.Value.Descendants("Content")),
            content => Assert.Equal("false", content.Attribute("Pack")?.Value)
        );
    }

    [Theory]
    [InlineData("docs/package.md")]
    [InlineData("docs/deployment.md")]
    [InlineData("plugins/SearchEngine.SemanticKernel/README.md")]
    public void DocumentsNameTheVersionsInUse(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, file));
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));
        foreach (var package in new[] { "TorchSharp-cpu", "TorchSharp-cuda-linux" })
        {
            // TorchSharp-cpu is for programs from packages; it has the number of TorchSharp.
            Assert.Contains(package, text, StringComparison.Ordinal);
            var version = versions
                .Descendants("PackageVersion")
                .Single(v => v.Attribute("Include")!.Value == package.Replace("-cpu", "", StringComparison.Ordinal))
                .Attribute("Version")!
                .Value;
            Assert.Contains(version, text, StringComparison.Ordinal);
        }
    }

    private static bool Says(XDocument project, string property, string value) => project.Descendants(property).Any(p => p.Value == value);
}
