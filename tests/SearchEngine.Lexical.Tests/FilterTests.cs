using static SearchEngine.Lexical.Tests.IndexFixture;

namespace SearchEngine.Lexical.Tests;

public sealed class FilterTests : IDisposable
{
    private readonly IndexFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Nulls_follow_CSharp()
    {
        using var index = _fixture.Open();
        index.Add([Doc(0, "", tag: "a", year: 3), Doc(1, "", tag: null, year: null), Doc(2, "", tag: "", year: 9)]);
        index.Refresh();
        int[] Match(LexicalFilter filter) => [.. index.Filter(filter).Ordinals()];

        Assert.Equal([1], Match(new LexicalFilter.Equal("tag", null)));
        Assert.Equal([1, 2], Match(new LexicalFilter.NotEqual("tag", "a")));
        Assert.Equal([2], Match(new LexicalFilter.Equal("tag", "")));
        Assert.Equal([0, 2], Match(new LexicalFilter.NotEqual("tag", null)));
        Assert.Equal([0], Match(new LexicalFilter.Less("year", 5L)));
        Assert.Equal([1, 2], Match(new LexicalFilter.Not(new LexicalFilter.Less("year", 5L))));
        Assert.Empty(Match(new LexicalFilter.LessOrEqual("year", null)));
        Assert.Equal([0, 1], Match(new LexicalFilter.In("tag", ["a", null])));
        Assert.Equal([0, 1, 2], Match(LexicalFilter.All));
        Assert.Empty(Match(LexicalFilter.None));
        Assert.Equal([0, 1, 2], Match(new LexicalFilter.And([])));
        Assert.Empty(Match(new LexicalFilter.Or([])));
    }

    [Fact]
    public void Long_strings_stay_exact()
    {
        using var index = _fixture.Open();
        var common = string.Concat(Enumerable.Repeat("\u20ac\u00e9x", 20_000));
        string[] values = [common + "1", common + "2", common, common[..7_999] + "\u20ac", common[..8_000]];
        index.Add(values.Select((v, i) => Doc(i, "", tag: v)));
        index.Refresh();

        for (var i = 0; i < values.Length; i++)
            Assert.Equal([i], index.Filter(new LexicalFilter.Equal("tag", values[i])).Ordinals());
        Assert.Empty(index.Filter(new LexicalFilter.Equal("tag", common + "3")).Ordinals());
        Assert.Equal(5, index.Filter(new LexicalFilter.GreaterOrEqual("tag", common[..7_999])).Count);
    }

    [Fact]
    public void Wrong_filters_name_the_field()
    {
        LexicalSchema schema = new()
        {
            Fields =
            [
                new LexicalField { Name = "text", IsFullText = true },
                new LexicalField
                {
                    Name = "flag",
                    Kind = LexicalFieldKind.Boolean,
                    IsFilterable = true,
                },
                new LexicalField
                {
                    Name = "list",
                    Kind = LexicalFieldKind.Int64,
                    IsFilterable = true,
                    IsList = true,
                },
            ],
        };
        using var index = _fixture.Open(schema);

        void Refused(LexicalFilter filter, string message) =>
            Assert.Contains(message, Assert.Throws<ArgumentException>(() => index.Filter(filter)).Message, StringComparison.Ordinal);

        Refused(new LexicalFilter.Equal("nope", 1), "no field 'nope'");
        Refused(new LexicalFilter.Equal("text", "a"), "'text' is not filterable");
        Refused(new LexicalFilter.Equal("flag", "true"), "'flag' takes bool, not String");
        Refused(new LexicalFilter.Less("flag", true), "'flag' is Boolean");
        Refused(new LexicalFilter.Equal("list", 1), "'list' is a list");
        Refused(new LexicalFilter.Contains("flag", true), "'flag' is not a list");
        Refused(new LexicalFilter.Not(new LexicalFilter.Or([new LexicalFilter.Any("list", [1, 1.5])])), "'list' takes long");
        Assert.Empty(index.Filter(new LexicalFilter.IsNull("list")).Ordinals());
    }

    [Fact]
    public void Wrong_documents_name_the_field()
    {
        using var index = _fixture.Open();
        void Refused(string message, params (string, object?)[] values) =>
            Assert.Contains(
                message,
                Assert.Throws<ArgumentException>(() => index.Add([new LexicalDocument(5, values)])).Message,
                StringComparison.Ordinal
            );

        Refused("Field 'nope' of document 5 is not in the schema", ("nope", 1));
        Refused("'year' takes long (or a narrower integer), not String", ("year", "2001"));
        Refused("'tag' takes string, not Int32", ("tag", 7));
        Refused("'tag' of document 5 is given twice", ("tag", "a"), ("tag", "b"));
        index.Refresh();
        Assert.Equal(0, index.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LexicalDocument(-1, []));
    }
}
