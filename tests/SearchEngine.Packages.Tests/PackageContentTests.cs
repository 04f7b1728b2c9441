using System.Text;
using System.Text.RegularExpressions;
using SearchEngine.TestSupport;
using Xunit;

[assembly: AssemblyFixture(typeof(SearchEngine.Packages.Tests.PackageFeed))]

namespace SearchEngine.Packages.Tests;

/// <summary>What is in the packages, and what they bring: each is opened and read.</summary>
public sealed partial class PackageContentTests(PackageFeed feed)
{
    /// <summary>
    /// Everything that is packed, with the packages of others that each brings (but for <c>Microsoft.Extensions</c> and <c>System</c>): no
    /// more than it uses. What draws, trains or parses documents stays with the package that does it.
    /// </summary>
    private static readonly Dictionary<string, string[]> Brought = new()
    {
        ["SearchEngine.Vectors"] = [],
        ["SearchEngine.Lexical"] = Lucene,
        ["SearchEngine.Storage"] = ["Microsoft.FASTER.Core"],
        ["SearchEngine"] = Engine,
        ["SearchEngine.Embeddings"] = Embeddings,
        ["SearchEngine.Embeddings.Torch"] = [.. Embeddings, "SharpZipLib", "SkiaSharp", "TorchSharp"], // TorchSharp brings the other two
        ["SearchEngine.SemanticKernel"] =
        [
            .. Engine,
            .. Embeddings,
            "Microsoft.SemanticKernel.Abstractions",
            "Microsoft.SemanticKernel.Core",
        ],
        ["SearchEngine.Client"] = Engine,
        ["SearchEngine.Ingestion"] = [.. Engine, .. Readers],
        ["SearchEngine.Distributed"] =
        [
            .. Engine,
            "Microsoft.Orleans.Client",
            "Microsoft.Orleans.Clustering.AdoNet",
            "Microsoft.Orleans.Sdk",
            "Microsoft.Orleans.Server",
            "Npgsql",
        ],
        ["SearchEngine.Mcp"] = [.. Engine, .. Readers, "ModelContextProtocol"],
        ["SearchEngine.Training"] =
        [
            .. Embeddings,
            "HarfBuzzSharp.NativeAssets.Linux",
            "Parquet.Net",
            "ScottPlot",
            "SharpZipLib",
            "SkiaSharp",
            "SkiaSharp.HarfBuzz",
            "SkiaSharp.NativeAssets.Linux.NoDependencies",
            "TorchSharp",
        ],
        ["SearchEngine.Models.Default"] = [],
        ["SearchEngine.Templates"] = [],
    };

    /// <summary>Those of files alone: no assembly, no symbols.</summary>
    private static readonly string[] WithoutAssembly = ["SearchEngine.Models.Default", "SearchEngine.Templates"];

    /// <summary>One row for each package.</summary>
    public static TheoryData<string> Ids => [.. Brought.Keys];

    private static string[] Lucene => ["Lucene.Net", "Lucene.Net.Analysis.Common", "Lucene.Net.Queries", "Lucene.Net.QueryParser"];

    private static string[] Engine => [.. Lucene, "Microsoft.FASTER.Core", "Parquet.Net"];

    private static string[] Embeddings => ["Google.Protobuf", "Microsoft.ML.Tokenizers"];

    private static string[] Readers =>
        ["AngleSharp", "DocumentFormat.OpenXml", "Markdig", "MimeKit", "PdfPig", "Sylvan.Data.Csv", "UTF.Unknown", "YamlDotNet"];

    [Fact]
    public void What_is_packed_is_known()
    {
        var packed = Directory.GetFiles(feed.Feed, "*.nupkg").Select(Open).ToList();
        Assert.Equal(Brought.Keys.Order(), packed.Select(package => package.Id).Order());
        packed.ForEach(package => package.Dispose());
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_describes_itself_and_carries_its_readme_icon_and_licence(string id)
    {
        using var package = Find(id);
        Assert.Equal(feed.Version, package["version"]);
        foreach (var element in new[] { "authors", "description", "tags" })
            Assert.False(string.IsNullOrWhiteSpace(package[element]), element);
        Assert.Equal("MIT", package["license"]);
        Assert.Equal("expression", package.Find("license")!.Attribute("type")!.Value);
        Assert.StartsWith("MIT License", Encoding.UTF8.GetString(package.Read("LICENSE")));
        Assert.StartsWith("# ", Encoding.UTF8.GetString(package.Read(package["readme"]!)).TrimStart('\uFEFF'));
        Assert.Equal("\u0089PNG"u8.ToArray().AsSpan(1), package.Read(package["icon"]!).AsSpan(0, 4));
    }

    /// <summary>The commit always; an address only where it is one for others too.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_says_of_which_commit_it_is_and_no_folder_of_this_machine(string id)
    {
        using var package = Find(id);
        var repository = package.Find("repository");
        if (Path.Exists(Path.Combine(Repository.Root, ".git")))
            Assert.Matches(Commit, repository?.Attribute("commit")?.Value);
        foreach (var address in new[] { package["projectUrl"], repository?.Attribute("url")?.Value })
            Assert.True(address is null || address.StartsWith("https://", StringComparison.Ordinal), address);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_holds_its_own_files_alone_and_no_machine_code(string id)
    {
        using var package = Find(id);
        string[] own = WithoutAssembly.Contains(id)
            ? ["build/", "buildTransitive/", "content/", "model/"]
            : [$"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"];
        var others = package.Files.Where(file => !own.Any(prefix => file.StartsWith(prefix, StringComparison.Ordinal)));
        Assert.Equal(["LICENSE", "README.md", "icon.png"], others);
        Assert.DoesNotContain(package.Files, file => BuiltPackage.IsNative(package.Read(file)));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_brings_what_it_uses(string id)
    {
        using var package = Find(id);
        var foreign = package.Dependencies.Where(name =>
            !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)
            && !name.StartsWith("System.", StringComparison.Ordinal)
            && !Brought.ContainsKey(name)
        );
        Assert.Equal(Brought[id].Order(StringComparer.Ordinal), foreign);
    }

    /// <summary>Every source file is in the symbols or at an address that they tell: a debugger steps into the packages.</summary>
    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_assembly_has_its_symbols_and_the_way_to_its_sources(string id)
    {
        using var package = Find(id);
        if (WithoutAssembly.Contains(id))
        {
            Assert.DoesNotContain(package.Files, file => file.EndsWith(".dll", StringComparison.Ordinal));
            return;
        }

        var symbols = AssemblySymbols.Read(package.Read($"lib/net10.0/{id}.dll"));
        Assert.NotNull(symbols);
        Assert.NotEmpty(symbols.Documents);
        Assert.Empty(symbols.Unreachable);
        if (PackageFeed.Configuration == "Release")
            Assert.All(symbols.Documents, path => Assert.StartsWith("/_", path));
    }

    /// <summary>Debug builds keep their paths, for breakpoints; what is given away is built as Release.</summary>
    [Fact]
    public async Task A_release_build_maps_the_paths_of_its_sources_and_an_origin_that_is_a_folder_is_not_published()
    {
        var mapped = await EvaluateAsync("-getProperty:DeterministicSourcePaths,PathMap", "-p:Configuration=Release");
        Assert.True(
            mapped.Contains("\"DeterministicSourcePaths\": \"true\"", StringComparison.Ordinal)
                || mapped.Contains("/_/", StringComparison.Ordinal),
            mapped
        );
        string[] target = ["-t:InitializeSourceControlInformation", "-getProperty:PublishRepositoryUrl"];
        Assert.Equal("false", await EvaluateAsync([.. target, "-p:PrivateRepositoryUrl=file:///srv/clone"]));
        Assert.Equal("true", await EvaluateAsync([.. target, "-p:PrivateRepositoryUrl=https://example.org/clone"]));
    }

    [GeneratedRegex("^[0-9a-f]{40}$")]
    private static partial Regex Commit { get; }

    private static BuiltPackage Open(string path) => new(path);

    private BuiltPackage Find(string id) => Open(Path.Combine(feed.Feed, $"{id}.{feed.Version}.nupkg"));

    private async Task<string> EvaluateAsync(params string[] arguments) =>
        (
            await feed.RunAsync(
                "dotnet",
                Repository.Root,
                ["msbuild", "index/SearchEngine.Vectors/SearchEngine.Vectors.csproj", "-nologo", .. arguments]
            )
        ).Trim();
}
