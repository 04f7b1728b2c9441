using SearchEngine.TestSupport;

namespace SearchEngine.Migration.Tests;

/// <summary>Answers of the shape that Qdrant's API reference gives for scroll.</summary>
public sealed class QdrantTests : IDisposable
{
    private const string FirstPage = """
        {"time":0.001,"status":"ok","result":{"points":[
        {"id":1,"payload":{"title":"Bread","year":2001,"tags":["a","b"],"place":{"lon":1.5,"lat":2}},
            "vector":[1,0,0.5]}],"next_page_offset":7}}
        """;

    private const string LastPage = """
        {"time":0.001,"status":"ok","result":{"points":[{"id":7,"payload":{"title":"Ships","year":2.5},"vector":[0,1,0]},
        {"id":8,"payload":null,"vector":[0,0,1]}],"next_page_offset":null}}
        """;

    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pages_one_after_the_other_are_one_collection()
    {
        var store = await OpenAsync(FirstPage + "\n" + LastPage);
        var mapping = await Fixture.DecideAsync(store);
        Assert.Empty(mapping.Problems);
        Assert.Equal(3, mapping.Rows);
        Assert.Equal(RecordKeyKind.Int64, mapping.Schema.KeyKind);
        var types = mapping.Fields.ToDictionary(item => item.Field.Name, item => item.Field);
        Assert.Equal(DataFieldType.Double, types["year"].Type);
        Assert.True(types["tags"].IsList);
        Assert.Equal(DataFieldType.String, types["place"].Type);
        Assert.Equal("vector", Assert.Single(mapping.Vectors).Field.Name);
    }

    [Fact]
    public async Task A_scroll_that_ends_early_is_refused()
    {
        var store = await OpenAsync(FirstPage);
        var error = await Assert.ThrowsAsync<MigrationException>(() => Fixture.DecideAsync(store));
        Assert.Contains("offset 7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Points_as_clients_hand_them_out_have_named_vectors()
    {
        const string id = "11111111-2222-3333-4444-555555555555";
        var store = await OpenAsync(
            $$$"""[{"id":"{{{id}}}","payload":{"id":"inner"},"vector":{"title":[1,2],"words":{"indices":[3],"values":[0.5]}},"more":1}]"""
        );
        var refused = await Fixture.DecideAsync(store);
        Assert.Contains("a sparse vector", Assert.Single(refused.Problems), StringComparison.Ordinal);
        var mapping = await Fixture.DecideAsync(store, new MappingOptions { Skip = ["$vector.words"] });
        Assert.Empty(mapping.Problems);
        Assert.Equal(RecordKeyKind.Guid, mapping.Schema.KeyKind);
        Assert.Equal("title", Assert.Single(mapping.Vectors).Field.Name);
        Assert.Equal("id", Assert.Single(mapping.Fields).Field.Name);
    }

    [Theory]
    [InlineData("""[{"id":1,"payload":{"x":1},"vector":[1,2]},{"id":1,"payload":{},"vector":[1,2]}]""", "a second time")]
    [InlineData(
        """[{"id":1,"payload":{"x":1},"vector":[1,2]},{"id":2,"payload":{"x":"one"},"vector":[1,2]}]""",
        "Int64 (point 1), String (point 2)"
    )]
    [InlineData("""[{"id":1,"payload":{"x":[1,null]},"vector":[1,2]}]""", "a null in a list")]
    [InlineData("""[{"id":1,"payload":{},"vector":[0,0]}]""", "zeros")]
    [InlineData("""[{"id":1,"payload":{"vector":1},"vector":[1,2]}]""", "two columns")]
    public async Task What_cannot_be_mapped_is_named(string content, string part)
    {
        var mapping = await Fixture.DecideAsync(await OpenAsync(content));
        Assert.Contains(mapping.Problems, problem => problem.Contains(part, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_snapshot_is_refused_with_how_to_scroll()
    {
        var path = _folder.Combine("notes.snapshot");
        using (var archive = new System.Formats.Tar.TarWriter(File.Create(path)))
            archive.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.Directory, "segments"));
        var error = await Assert.ThrowsAsync<MigrationException>(() =>
            ForeignStores.OpenAsync(path, new StoreOptions(), TestContext.Current.CancellationToken)
        );
        Assert.Contains("points/scroll", error.Message, StringComparison.Ordinal);
    }

    private Task<IForeignStore> OpenAsync(string content)
    {
        var path = _folder.Combine("notes.json");
        File.WriteAllText(path, content);
        return ForeignStores.OpenAsync(path, new StoreOptions(), TestContext.Current.CancellationToken);
    }
}
