namespace SearchEngine.Cli.Tests;

/// <summary>
/// Moving in from another store, as a user does it. What each format holds is tested in SearchEngine.Migration.Tests.
/// </summary>
public sealed class ImportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ImportTests() =>
        _folder.Write(
            "notes.csv",
            "id,title,body,year,embedding\n"
                + "1,Bread,\"The cast iron pot keeps the steam in, while the loaf bakes.\",2001,\"[1,0,0.5]\"\n"
                + "2,Ships,Containers made the carriage of goods by sea cheap.,2002,\"[0,1,0]\"\n"
        );

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_mapping_is_shown_first_and_a_dry_run_touches_nothing()
    {
        var shown = (await RunAsync("import", "notes.csv", "--dry-run")).Expect(0);
        Assert.Contains("vector   embedding → embedding: 3 components, Cosine, kept as they are", shown.Out, StringComparison.Ordinal);
        Assert.Contains("key      id → Int64", shown.Out, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Combine("data")));

        (await RunAsync("import", "notes.csv")).Expect(0);
        var again = (await RunAsync("import", "notes.csv", "--json")).Expect(0);
        Assert.Equal((0, 2), (again.Json.GetProperty("written").GetInt32(), again.Json.GetProperty("unchanged").GetInt32()));
        Assert.Contains("field    year → year: Int64, filterable", again.Error, StringComparison.Ordinal);
        (await RunAsync("search", "iron pot", "--collection", "notes", "--mode", "keyword")).Expect(0);
        (await RunAsync("search", "iron pot", "--collection", "notes")).ExpectOneLineError("unknown model");
    }

    [Fact]
    public async Task Texts_embedded_anew_are_found_by_meaning()
    {
        (await RunAsync("import", "notes.csv", "--embed", "body", "--collection", "anew")).Expect(0);
        var hits = (await RunAsync("search", "maritime freight", "--collection", "anew", "--json")).Expect(0).Json.GetProperty("hits");
        Assert.Equal("2", hits[0].GetProperty("key").ToString());
        var refused = (await RunAsync("import", "notes.csv", "--collection", "anew")).Expect(2);
        Assert.Contains("does not fit: it has no vector field 'embedding'", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_taken_is_refused_by_name()
    {
        (await RunAsync("import", "notes.csv", "--key", "nr")).ExpectOneLineError("'nr'", "id, title");
        (await RunAsync("import", "notes.csv", "--embed", "body", "--same-model")).ExpectOneLineError("one of them");
        (await RunAsync("import", "nothing.csv")).ExpectOneLineError("nothing.csv");
        (await RunAsync("import", "notes.csv", "--from", "qdrant")).ExpectOneLineError("PostgreSQL");
        (await RunAsync("import", "notes.csv", "--same-model")).ExpectOneLineError("384", "3");
        Assert.False(Directory.Exists(_folder.Combine("data")));
    }

    private Task<CliResult> RunAsync(params string[] arguments) => CliProcess.RunAsync(_folder.Path, arguments);
}
