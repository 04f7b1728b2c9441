using System.Diagnostics;
using SearchEngine.TestSupport.Postgres;
using Xunit;

namespace SearchEngine.Packages.Tests;

/// <summary>What the plugins' READMEs tell a newcomer, done word by word from packages in an empty folder.</summary>
public sealed class ReadmeTests(PackageFeed feed)
{
    /// <summary>A console program's output, model and all; with libtorch and what it brought it was 790 MB.</summary>
    private const long LargestOutput = 80 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newcomers_path_works_as_it_is_written()
    {
        var readme = new ReadmeBlocks("SearchEngine.SemanticKernel");
        var (commands, programs) = (readme.Of("sh"), readme.Of("csharp"));
        var directory = await FollowAsync(commands[0]);
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

    [Fact]
    public async Task A_silo_and_a_program_over_it_are_made_as_it_is_written()
    {
        Assert.SkipUnless(PostgresInstallation.Programs is not null, PostgresInstallation.Missing);
        var readme = new ReadmeBlocks("SearchEngine.Distributed");
        var commands = readme.Of("sh");
        var directory = await FollowAsync(commands[0]);
        await File.WriteAllTextAsync(Path.Combine(directory, "Program.cs"), readme.Of("csharp")[0], Token);
        await ShellAsync("dotnet build", directory);
        await using var postgres = await PostgresServer.StartAsync();
        await postgres.CreateDatabaseAsync("cluster");
        var silo = commands[1].Split('\n')[0];
        Assert.StartsWith("dotnet run -- ", silo, StringComparison.Ordinal);
        var program = Path.Combine(directory, "bin", "Debug", "net10.0", Path.GetFileName(directory));
        var start = new ProcessStartInfo(program, silo["dotnet run -- ".Length..].Split(' '))
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
        };
        start.Environment["CLUSTER"] = postgres.ConnectionString("cluster");
        using var running = Process.Start(start)!;
        try
        {
            Assert.Equal("silo north is up", await running.StandardOutput.ReadLineAsync(Token));
            Assert.Equal("dotnet run", commands[1].Split('\n')[1]);
            var answer = await feed.RunAsync("dotnet", directory, ["run", "--no-build"], ("CLUSTER", postgres.ConnectionString("cluster")));
            Assert.Equal(readme.Of("text")[0].Trim(), answer.Trim());
        }
        finally
        {
            running.Kill();
            await running.WaitForExitAsync(Token);
        }
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

    /// <summary>Runs commands from the empty folder on; returns the folder that they end in.</summary>
    private async Task<string> FollowAsync(string commands)
    {
        var directory = feed.Directory;
        foreach (var command in commands.Split('\n').SelectMany(line => line.Split(" && ")))
        {
            if (command.StartsWith("cd ", StringComparison.Ordinal))
                directory = Path.Combine(directory, command[3..]);
            else
                await ShellAsync(command, directory);
        }

        return directory;
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
