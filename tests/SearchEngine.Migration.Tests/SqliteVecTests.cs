using SearchEngine.Vectors;

namespace SearchEngine.Migration.Tests;

public sealed class SqliteVecTests
{
    [Fact]
    public async Task Every_kind_of_column_comes_as_it_was_inserted()
    {
        var rows = await Fixture.RowsAsync(await Fixture.OpenAsync("vec.sqlite", new StoreOptions { Table = "notes" }));
        var byKey = rows.ToDictionary(row => (string)row["$id"]!);
        Assert.Equal(["a", "b", "d"], byKey.Keys.Order());
        Check("a", 1L, [1, 0, 0, 0], 2001L, 1.5, true, "short", "First body");
        Check("b", 2L, [0, 1, 0, 0], 2002L, 2.5, false, "a label that is longer than twelve", "Second");
        Check("d", 1L, [0, 0, 0.5f, 1], 2004L, 0.0, false, "ünïcödé lábel öf söme", "Vierter");

        void Check(string key, long owner, float[] vector, long year, double price, bool isPublic, string label, string body)
        {
            var row = byKey[key];
            Assert.Equal(owner, row["owner"]);
            Assert.Equal(vector, row["embedding"]);
            Assert.Equal(year, row["year"]);
            Assert.Equal(price, row["price"]);
            Assert.Equal(isPublic, row["public"]);
            Assert.Equal(label, row["label"]);
            Assert.Equal(body, row["body"]);
            Assert.Null(row["raw"]);
        }
    }

    [Fact]
    public async Task Rowids_are_keys_where_no_other_is_declared()
    {
        var store = await Fixture.OpenAsync("vec.sqlite", new StoreOptions { Table = "plain" });
        var mapping = await Fixture.DecideAsync(store);
        Assert.Equal(RecordKeyKind.Int64, mapping.Schema.KeyKind);
        Assert.Equal([("a", 2), ("b", 3)], mapping.Vectors.Select(item => (item.Field.Name, item.Field.Dimension)));
        Assert.All(mapping.Vectors, item => Assert.Equal(DistanceMetric.Euclidean, item.Field.Metric));
        var rows = await Fixture.RowsAsync(store);
        Assert.Equal([5L, 9L], rows.Select(row => row["$rowid"]));
        Assert.Equal([4f, 5f, -6f], (float[])rows[1]["b"]!);
    }

    [Fact]
    public async Task The_connectors_two_tables_become_one_and_rows_without_a_vector_come_too()
    {
        var store = await Fixture.OpenAsync("connector.sqlite");
        var mapping = await Fixture.DecideAsync(store);
        Assert.Equal("hotels", mapping.Schema.Name);
        Assert.Equal(3, mapping.Rows);
        Assert.Equal(DistanceMetric.Cosine, Assert.Single(mapping.Vectors).Field.Metric);
        var rows = await Fixture.RowsAsync(store);
        var third = rows.Single(row => (string)row["$Key"]! == "h3");
        Assert.Equal("No vector yet", third["Name"]);
        Assert.False(third.ContainsKey("Embedding"));
        var first = rows.Single(row => (string)row["$Key"]! == "h1");
        Assert.Equal([1f, 0f, 0f], (float[])first["Embedding"]!);
        Assert.Equal(4.5, first["Rating"]);
        Assert.Equal(new byte[] { 1, 2 }, first["Photo"]);
    }

    [Fact]
    public async Task A_bit_vector_is_refused_by_name()
    {
        var declaration = VecDeclaration.Parse(
            "t",
            "CREATE VIRTUAL TABLE t USING vec0(k text primary key, b bit[16], +\"some text\" text, "
                + "c float[3] distance_metric=L1, chunk_size=8)"
        );
        Assert.Equal([("b", "bit", 16), ("c", "float", 3)], declaration.Vectors.Select(v => (v.Name, v.Type, v.Dimension)));
        Assert.Equal(DistanceMetric.Manhattan, declaration.Vectors[1].Metric);
        Assert.Equal("some text", Assert.Single(declaration.Auxiliary));
        Assert.True(declaration is { Key: "k", KeyIsText: true });
        var error = await Assert.ThrowsAsync<MigrationException>(() =>
            Fixture.OpenAsync("vec.sqlite", new StoreOptions { Table = "other" })
        );
        Assert.Contains("notes, plain", error.Message, StringComparison.Ordinal);
    }
}
