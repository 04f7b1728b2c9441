namespace SearchEngine.Cli.Tests;

/// <summary>Wrong use that is told without opening anything.</summary>
public sealed class ArgumentTests
{
    [Theory]
    [InlineData("A command is needed")]
    [InlineData("Unrecognized command or argument 'serch'", "serch", "x")]
    [InlineData("Required argument 'QUERY' missing", "search")]
    [InlineData("-k takes a whole number of at least 1, not '0'", "search", "x", "-k", "0")]
    [InlineData("-k takes a whole number of at least 1, not 'ten'", "search", "x", "-k", "ten")]
    [InlineData("--mode takes hybrid, vector or keyword, not 'fuzzy'", "search", "x", "--mode", "fuzzy")]
    [InlineData("The query is empty", "search", "  ", "--mode", "keyword")]
    [InlineData("Unrecognized option '--modus'", "search", "x", "--modus", "keyword")]
    [InlineData("A command is needed: list, info, delete, verify, repair, export, import", "collection")]
    [InlineData("Required argument 'NAME' missing", "collection", "info")]
    [InlineData("--dimensions takes a whole number of at least 1", "embed", "--dimensions", "0")]
    [InlineData("No cluster is known", "collection", "move", "default", "--to", "cluster")]
    [InlineData("--pooling takes mean, weighted_mean, last or first, not 'max'", "embed", "--pooling", "max")]
    public async Task Wrong_use_gives_one_line_and_exit_code_2(string part, params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var result = await CliProcess.RunAsync(folder.Path, arguments);

        result.ExpectOneLineError(part);
    }

    [Fact]
    public async Task Help_lists_the_commands_on_stdout()
    {
        using var folder = new TemporaryFolder();

        var result = (await CliProcess.RunAsync(folder.Path, "--help")).Expect(0);

        foreach (var command in new[] { "ingest", "search", "embed", "collection", "model", "train", "eval" })
            Assert.Contains(command, result.Out, StringComparison.Ordinal);
        Assert.Equal(string.Empty, result.Error);
    }

    [Fact]
    public async Task A_bad_settings_file_in_the_working_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        folder.Write("appsettings.json", "{ nonsense");

        var result = await CliProcess.RunAsync(folder.Path, "search", "x", "--mode", "keyword");

        result.ExpectOneLineError("appsettings.json", "not valid JSON");
    }

    [Fact]
    public async Task A_wrong_environment_variable_is_named()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["SEARCHENGINE_SEARCH__TOP"] = "many" };

        var result = await CliProcess.RunWithAsync(folder.Path, null, environment, "search", "x", "--mode", "keyword");

        result.ExpectOneLineError("many", "Search:Top");
    }

    [Theory]
    [InlineData("search", "x", "--mode", "keyword")]
    [InlineData("collection", "list")]
    [InlineData("collection", "verify", "default")]
    public async Task Reading_where_there_is_no_database_makes_none(params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var result = await CliProcess.RunAsync(folder.Path, [.. arguments, "--data", "nothing-here"]);

        result.ExpectOneLineError("no database in nothing-here", "ingest");
        Assert.False(Directory.Exists(folder.Combine("nothing-here")));
    }
}
