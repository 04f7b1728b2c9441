using SearchEngine.Hosting;
using SearchEngine.Ingestion;

namespace SearchEngine.Cli.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void The_shipped_file_says_what_the_code_says()
    {
        using var empty = new TemporaryFolder();
        var shipped = SettingsLoader.Load(AppContext.BaseDirectory, empty.Path);

        Assert.Equal(new Settings(), shipped);
    }

    [Fact]
    public void Chunks_are_cut_as_the_chunker_does_by_itself()
    {
        var settings = new IngestionSettings();

        Assert.Equal(ChunkerOptions.DefaultMaxTokens, settings.ChunkTokens);
        Assert.Equal(ChunkerOptions.DefaultOverlapTokens, settings.OverlapTokens);
    }

    [Fact]
    public void The_working_folder_wins_over_the_program_folder_name_by_name()
    {
        using var program = new TemporaryFolder();
        using var working = new TemporaryFolder();
        program.Write("appsettings.json", """{ "SearchEngine": { "Data": "/one", "Search": { "Top": 3, "Mode": "keyword" } } }""");
        working.Write(
            "appsettings.json",
            """{ "SearchEngine": { "Search": { "Top": 4 } }, "Logging": { "Other": "hosts' sections are left alone" } }"""
        );

        var settings = SettingsLoader.Load(program.Path, working.Path);

        Assert.Equal("/one", settings.Data);
        Assert.Equal(4, settings.Search.Top);
        Assert.Equal(SearchMode.Keyword, settings.Search.Mode);
    }

    [Theory]
    [InlineData("""{ "SearchEngine": { "Search": { "Topp": 4 } } }""", "'Topp'")]
    [InlineData("""{ "SearchEngine": { "Search": { "Top": "many" } } }""", "'many'")]
    [InlineData("""{ "SearchEngine": { "Api": { "Keys": [ { "Nam": "n" } ] } } }""", "unknown settings: 'Nam'")]
    [InlineData("""{ "SearchEngine": { "Database": { "Cluster": { "Consistency": "Now" } } } }""", "'Now'")]
    [InlineData("""{ "SearchEngine": """, "not valid JSON")]
    [InlineData("""[1]""", "not valid JSON")]
    public void A_wrong_file_is_named_with_what_is_wrong(string content, string part)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("appsettings.json", content);
        using var empty = new TemporaryFolder();

        var exception = Assert.Throws<HostException>(() => SettingsLoader.Load(empty.Path, folder.Path));

        Assert.Contains(file, exception.Message, StringComparison.Ordinal);
        Assert.Contains(part, exception.Message, StringComparison.Ordinal);
    }
}
