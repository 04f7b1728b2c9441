using System.Diagnostics;
using System.Text.RegularExpressions;
using SearchEngine.TestSupport;

namespace SearchEngine.Cli.Tests;

/// <summary>
/// The program that is compiled to machine code for searching (src/SearchEngine.Cli.Native), here on the runtime with what a native program
/// has not turned off, beside the whole command line. packaging/command-line.sh asks the machine code the same.
/// </summary>
[Collection(DatabaseTests.Name)]
public sealed partial class NativeProgramTests(IngestedDatabase database)
{
    private const string Name = "SearchEngine.Cli.Native";

    private static string Folder =>
        Path.Combine(
            Repository.Root,
            "src",
            Name,
            "bin",
            new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
            new DirectoryInfo(AppContext.BaseDirectory).Name
        );

    private static string Suffix => OperatingSystem.IsWindows() ? ".exe" : string.Empty;

    public static TheoryData<string> Searches() => LinesOf("searches.txt");

    public static TheoryData<string> Settings() => LinesOf("settings.txt");

    [Theory]
    [MemberData(nameof(Searches))]
    public async Task A_search_is_answered_as_by_the_whole_program(string line)
    {
        var words = line.Split(' ');
        string[] arguments = [words[0], "--data", "data", .. words[1..]];
        var native = await RunAsync(Folder, database.WorkingFolder, null, arguments);
        var whole = await CliProcess.RunAsync(database.WorkingFolder, arguments);
        Assert.Equal(Comparable(whole), Comparable(native));
    }

    /// <summary>Every section, and each kind of value that the settings have: numbers, choices, lists, records in a list.</summary>
    [Theory]
    [MemberData(nameof(Settings))]
    public async Task Settings_are_read_as_by_the_whole_program(string settings)
    {
        using var folder = new TemporaryFolder();
        folder.Write("appsettings.json", $$"""{ "SearchEngine": {{settings}} }""");
        string[] arguments = ["search", "oil chain rain bread", "--explain", "--json", "--data", database.DataFolder];
        var environment = new Dictionary<string, string> { ["SEARCHENGINE_SEARCH__RANKCONSTANT"] = "7" };
        var native = await RunAsync(Folder, folder.Path, environment, arguments);
        var whole = await CliProcess.RunWithAsync(folder.Path, null, environment, arguments);
        Assert.Equal(Comparable(whole), Comparable(native));
    }

    /// <summary>Settings that cannot be read are the command's to tell of; its help needs none. Here there is no working folder any more.</summary>
    [Theory]
    [InlineData("search", "--help")]
    [InlineData("suggest")]
    [InlineData("search", "rain")]
    public async Task Settings_that_cannot_be_read_are_told_of_in_one_line(params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A folder has to be removed under the program.");
        using var folder = new TemporaryFolder();
        var gone = folder.Combine("gone");
        string[] command = ["-c", $"mkdir '{gone}' && cd '{gone}' && rmdir '{gone}' && exec \"$@\"", "sh"];
        var native = await CliProcess.RunProgramAsync(
            "/bin/sh",
            folder.Path,
            null,
            null,
            [.. command, Path.Combine(Folder, Name), .. arguments]
        );
        var whole = await CliProcess.RunProgramAsync("/bin/sh", folder.Path, null, null, [.. command, CliProcess.BinaryPath, .. arguments]);
        Assert.Equal(Comparable(whole), Comparable(native));
        Assert.InRange(native.ExitCode, 0, 2);
    }

    [Theory]
    [InlineData("collection", "list")]
    [InlineData("--help")]
    [InlineData()]
    public async Task Without_the_whole_program_other_commands_say_in_one_line_where_they_are(params string[] arguments)
    {
        var result = await RunAsync(Folder, database.WorkingFolder, null, arguments);
        result.ExpectOneLineError("search and suggest", "packaging/command-line.sh folder");
    }

    /// <summary>A program stands in for the whole one, to see what it is given: every argument, the streams, and its exit code goes on.</summary>
    [Fact]
    public async Task Other_commands_and_clusters_are_those_of_the_program_beside_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-in is a shell script.");
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(Folder))
            File.Copy(file, folder.Combine(Path.GetFileName(file)));
        var whole = folder.Write("SearchEngine.Cli", "#!/bin/sh\nprintf '%s|' \"$@\"\nexit 7\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(whole, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var other = await RunAsync(folder.Path, database.WorkingFolder, null, "collection", "rename me", "", "--ü");
        Assert.Equal((7, "collection|rename me||--ü|"), (other.ExitCode, other.Out));

        // As in a tool's package that another user installed, who alone may run its files: by the runtime, which a folder stands for here.
        File.Move(whole, folder.Combine("dotnet"));
        foreach (var part in new[] { "host", "shared" })
            File.CreateSymbolicLink(folder.Combine(part), Path.Combine(TestChild.RuntimeRoot, part));
        folder.Write("SearchEngine.Cli", "may not be run");
        var dll = folder.Write("SearchEngine.Cli.dll", "stands for it");
        var runtime = new Dictionary<string, string> { ["DOTNET_ROOT"] = folder.Path };
        other = await RunAsync(folder.Path, database.WorkingFolder, runtime, "collection", "list");
        Assert.Equal((7, $"{dll}|collection|list|"), (other.ExitCode, other.Out));
        File.Move(folder.Combine("dotnet"), whole, overwrite: true);

        var cluster = new Dictionary<string, string> { ["SEARCHENGINE_DATABASE__CLUSTER__CONNECTION"] = "Host=nowhere" };
        var search = await RunAsync(folder.Path, database.WorkingFolder, cluster, "search", "rain");
        Assert.Equal((7, "search|rain|"), (search.ExitCode, search.Out));
    }

    private static TheoryData<string> LinesOf(string file) =>
        [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, file)).Where(line => line.Length > 0)];

    private static async Task<CliResult> RunAsync(
        string folder,
        string workingFolder,
        IReadOnlyDictionary<string, string>? environment,
        params string[] arguments
    ) => await CliProcess.RunProgramAsync(Path.Combine(folder, Name + Suffix), workingFolder, null, environment, arguments);

    /// <summary>But for the seconds that a search took, and the program's own name in its help.</summary>
    private static string Comparable(CliResult result) =>
        Seconds().Replace($"{result.ExitCode}\n{result.Out}\n{result.Error}", "s").Replace(Name, "searchengine", StringComparison.Ordinal);

    [GeneratedRegex("\"seconds\":[0-9.E-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Seconds();
}
