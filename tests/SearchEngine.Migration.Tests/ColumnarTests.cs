namespace SearchEngine.Migration.Tests;

public sealed class ColumnarTests
{
    [Theory]
    [InlineData("notes.arrow")]
    [InlineData("notes.arrows")]
    public async Task LanceDBs_arrow_comes_as_it_was_inserted(string name)
    {
        var store = await Fixture.OpenAsync(name);
        var rows = await Fixture.RowsAsync(store);
        Assert.Equal(["a", "b", "c"], rows.Select(row => row["id"]));
        Assert.Equal(["Bread needs an oven", "Ships carry cargo", "Ünïcode"], rows.Select(row => row["text"]));
        Assert.Equal([1.5, -2.25, 0.0], rows.Select(row => row["price"]));
        Assert.Equal([true, false, true], rows.Select(row => row["public"]));
        Assert.Equal(["x", "y"], (object?[])rows[0]["tags"]!);
        Assert.Empty((object?[])rows[2]["tags"]!);
        Assert.Equal([0f, 1f, 0f, 0.25f], (float[])rows[1]["vector"]!);
        var mapping = await Fixture.DecideAsync(store);
        Assert.Equal(("id", "vector", 4), (mapping.KeyColumn, mapping.Vectors[0].Field.Name, mapping.Vectors[0].Field.Dimension));
    }

    [Fact]
    public async Task Parquet_comes_with_its_nulls_and_empty_lists()
    {
        var store = await Fixture.OpenAsync("flat.parquet");
        var rows = await Fixture.RowsAsync(store);
        Assert.Equal([2001L, 2002L, null], rows.Select(row => row["year"]));
        Assert.Equal(["x", "y"], (object?[])rows[0]["tags"]!);
        Assert.Empty((object?[])rows[1]["tags"]!);
        Assert.Null(rows[2]["tags"]);
        Assert.Equal([12.50m, -0.05m, null], rows.Select(row => row["cost"]));
        Assert.Equal([0f, 0f, 1f, 0f], (float[])rows[2]["vector"]!);
        Assert.Empty((await Fixture.DecideAsync(store)).Problems);
    }

    [Fact]
    public async Task A_struct_is_refused_by_name_until_it_is_left_out()
    {
        var problem = Assert.Single((await Fixture.DecideAsync("notes.parquet")).Problems);
        Assert.Contains("'nested'", problem, StringComparison.Ordinal);
        Assert.Contains("--skip nested", problem, StringComparison.Ordinal);
        Assert.Empty((await Fixture.DecideAsync("notes.parquet", new MappingOptions { Skip = ["nested"] })).Problems);
    }
}
