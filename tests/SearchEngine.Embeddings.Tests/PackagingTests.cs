using System.Xml.Linq;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Embeddings.Tests;

/// <summary>What docs/deployment.md promises about packages and native libraries, held against the project files.</summary>
public class PackagingTests
{
    private static readonly Dictionary<string, XDocument> Projects = new[] { "src", "index", "plugins", "tests", "benchmarks", "samples" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(path => Path.GetFileNameWithoutExtension(path), path => XDocument.Load(path));

    [Fact]
    public void EveryPackageDescribesItself()
    {
        string[] packages = [.. Projects.Where(p => Says(p.Value, "IsPackable", "true")).Select(p => p.Key)];
        Assert.True(packages.Length >= 8, string.Join(", ", packages));
        foreach (var name in packages)
            Assert.True(Projects[name].Descendants("Description").Any(d => d.Value.Length > 20), $"{name} has no description.");
    }

    [Fact]
    public void ProgramsThatEmbedChooseLibtorchAndLibrariesDoNot()
    {
        var programs = 0;
        foreach ((var name, var project) in Projects)
        {
            var runs =
                Says(project, "OutputType", "Exe") || project.Root!.Attribute("Sdk")!.Value.EndsWith(".Web", StringComparison.Ordinal);
            Assert.DoesNotContain(
                project.Descendants("PackageReference"),
                r => r.Attribute("Include")!.Value.StartsWith("libtorch", StringComparison.Ordinal)
            );
            Assert.False(!runs && Says(project, "UsesLibTorch", "true"), $"{name} is a library and must leave libtorch to programs.");
            HashSet<string> reached = [];
            Reach(name, reached);
            if (!runs || !reached.Contains("SearchEngine.Embeddings"))
                continue;
            programs++;
            Assert.True(reached.Any(r => Says(Projects[r], "UsesLibTorch", "true")), $"{name} runs the embedder: set UsesLibTorch.");
        }
        Assert.True(programs >= 5);
    }

    [Theory]
    [InlineData("docs/package.md")]
    [InlineData("docs/deployment.md")]
    public void DocumentsNameTheVersionsInUse(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, file));
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props"));
        foreach (var package in new[] { "libtorch-cpu-linux-x64", "TorchSharp-cuda-linux" })
        {
            Assert.Contains(package, text, StringComparison.Ordinal);
            var version = versions
                .Descendants("PackageVersion")
                .Single(v => v.Attribute("Include")!.Value == package)
                .Attribute("Version")!
                .Value;
            Assert.Contains(version, text, StringComparison.Ordinal);
        }
    }

    private static void Reach(string name, HashSet<string> reached)
    {
        if (!reached.Add(name))
            return;
        foreach (var reference in Projects[name].Descendants("ProjectReference"))
            Reach(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')), reached);
    }

    private static bool Says(XDocument project, string property, string value) => project.Descendants(property).Any(p => p.Value == value);
}
