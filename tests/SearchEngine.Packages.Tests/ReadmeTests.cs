using Xunit;

namespace SearchEngine.Packages.Tests;

/// <summary>What the connector's README tells a newcomer, done word by word from packages in an empty folder.</summary>
public sealed class ReadmeTests(PackageFeed feed)
{
    /// <summary>A console program's output, model and all; with libtorch and what it brought it was 790 MB.</summary>
    private const long LargestOutput = 80 << 20;

    [Fact]
    public async Task The_newcomers_path_works_as_it_is_written()
    {
        var readme = new ReadmeBlocks();
        var (commands, programs) = (readme.Of("sh"), readme.Of("csharp"));
        var directory = feed.Directory;
        foreach (var command in commands[0].Split('\n').SelectMany(line => line.Split(" && ")))
        {
            if (command.StartsWith("cd ", StringComparison.Ordinal))
                directory = Path.Combine(directory, command[3..]);
            else
                await ShellAsync(command, directory);
        }

        Assert.True(
            System.IO.Directory.Exists(Path.Combine(feed.Packages, "searchengine.semantickernel")),
            "The packages came from elsewhere."
        );
        var program = Path.Combine(directory, "Program.cs");
        await File.WriteAllTextAsync(program, programs[0], TestContext.Current.CancellationToken);
        Assert.Equal(readme.Of("text")[0].Trim(), (await ShellAsync(commands[1], directory)).Trim());
        CheckOutput(Path.Combine(directory, "bin", "Debug", "net10.0"));

        // The rest goes on from this program, before the record class.
        await ShellAsync("dotnet add package Microsoft.Agents.AI --version 1.28.0", directory);
        var place = programs[0].IndexOf("public sealed class", StringComparison.Ordinal);
        var whole = programs[0].Insert(place, string.Join('\n', programs.Skip(1).Select(block => $"{{\n{block}\n}}\n")));
        await File.WriteAllTextAsync(program, whole, TestContext.Current.CancellationToken);
        var output = await ShellAsync(commands[1], directory);
        Assert.Contains(" volcano\n", output.ReplaceLineEndings("\n"));
        Assert.Contains("Owls hunt at night.", output);
        Assert.Contains("1 deleted, 1 left", output);
    }

    [Theory]
    [InlineData("searchengine-console", "baking bread", "cast iron pot")]
    [InlineData("searchengine-agent", "My dog is called Argos.", "I know nothing of that yet.")]
    public async Task Templates_run_as_they_come(string template, string argument, string expected)
    {
        var hive = Path.Combine(feed.Feed, "..", $"hive-{template}");
        var package = System.IO.Directory.GetFiles(feed.Feed, "SearchEngine.Templates.*.nupkg").Single();
        await feed.RunAsync("dotnet", feed.Directory, ["new", "install", package, "--debug:custom-hive", hive]);
        await feed.RunAsync("dotnet", feed.Directory, ["new", template, "-o", template, "--debug:custom-hive", hive]);
        var directory = Path.Combine(feed.Directory, template);
        Assert.Contains(expected, await feed.RunAsync("dotnet", directory, ["run", "--", argument]));
        if (template == "searchengine-agent")
            Assert.Contains("Argos", await feed.RunAsync("dotnet", directory, ["run", "--no-build", "--", "What is the name of my dog?"]));
    }

    private Task<string> ShellAsync(string command, string directory)
    {
        var parts = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return feed.RunAsync(parts[0], directory, parts.Skip(1));
    }

    private static void CheckOutput(string directory)
    {
        var files = new DirectoryInfo(directory).GetFiles("*", SearchOption.AllDirectories);
        var size = files.Sum(file => file.Length);
        Console.WriteLine($"output folder: {size / 1e6:0.0} MB in {files.Length} files");
        Assert.InRange(size, 1, LargestOutput);

        // The one that starts it is made by the SDK.
        var native = files.Where(file => BuiltPackage.IsNative(File.ReadAllBytes(file.FullName))).Select(file => file.Name);
        Assert.Equal(["notes"], native.Select(Path.GetFileNameWithoutExtension));
    }
}
