using System.Diagnostics;
using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests;

/// <summary>
/// The tool without its add-on: as it is built, in a folder of its own. (Beside these tests lie both; what the add-on does is tested through
/// the tool, which calls it.)
/// </summary>
public sealed class AddOnTests
{
    private static string ToolFolder =>
        Path.Combine(
            Repository.Root,
            "src",
            "SearchEngine.Cli",
            "bin",
            new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
            new DirectoryInfo(AppContext.BaseDirectory).Name
        );

    [Theory]
    [InlineData("train", "plot", "log", "--output", "x.png")]
    [InlineData("eval", "sts", "pairs.tsv")]
    public async Task Without_the_add_on_its_commands_say_in_one_line_how_to_get_it(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo(Path.Combine(ToolFolder, Path.GetFileName(CliProcess.BinaryPath)), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = folder.Path;
        start.Environment["DOTNET_CLI_HOME"] = folder.Path;
        start.Environment["DOTNET_ROOT"] = TestSupport.TestChild.RuntimeRoot;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        Assert.Empty(await output);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"'{arguments[0]}'", line, StringComparison.Ordinal);
        Assert.Contains("dotnet tool install --global --prerelease SearchEngine.Cli.Training", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--dtype", "bfloat16")]
    [InlineData("--device", "cuda")]
    public async Task What_needs_libtorch_says_in_one_line_what_has_it(params string[] options)
    {
        var result = await CliProcess.RunAsync(AppContext.BaseDirectory, ["embed", .. options]);
        result.ExpectOneLineError("libtorch", "searchengine-training");
    }

    /// <summary>Its own record of what it rests on, and the files themselves.</summary>
    [Fact]
    public void The_tool_carries_nothing_for_computing_or_drawing()
    {
        string[] foreign = ["torch", "SkiaSharp", "HarfBuzz", "ScottPlot"];
        var dependencies = File.ReadAllText(Path.Combine(ToolFolder, "SearchEngine.Cli.deps.json"));
        Assert.All(foreign, name => Assert.DoesNotContain(name, dependencies, StringComparison.OrdinalIgnoreCase));
        string[] files =
        [
            .. Directory.EnumerateFiles(ToolFolder, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)!),
        ];
        Assert.Contains("SearchEngine.Cli.dll", files);
        Assert.All(foreign, name => Assert.DoesNotContain(files, file => file.Contains(name, StringComparison.OrdinalIgnoreCase)));
    }
}
