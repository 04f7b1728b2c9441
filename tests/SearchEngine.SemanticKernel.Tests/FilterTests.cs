using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

#pragma warning disable CS0252, CS0253, CS0464, CS0652, CS8600, CS8602, CS8604, CS8605, CS8629 // Filters are expression trees: they are read, not run.

/// <summary>Filters against the same condition run by LINQ over the records, with an index on the fields and without.</summary>
public sealed class FilterTests(FilterTests.Data data) : IClassFixture<FilterTests.Data>
{
    private static readonly int StaticNumber = 8;
    private readonly int _number = 8;
    private readonly Wrapper _wrapper = new();

    [Fact]
    public async Task Equality()
    {
        string? none = null;
        int? eight = 8,
            noNumber = null;
        await CheckAsync(r => r.Int == 8, r => (int)r["Int"] == 8);
        await CheckAsync(r => 8 == r.Int, r => 8 == (int)r["Int"]);
        await CheckAsync(r => r.Int != 8, r => (int)r["Int"] != 8);
        await CheckAsync(r => r.Text == "foo", r => r["Text"] == "foo");
        await CheckAsync(r => r.Text != "foo", r => (string?)r["Text"] != "foo");
        await CheckAsync(r => r.Text == null, r => r["Text"] == null);
        await CheckAsync(r => r.Text != none, r => (string?)r["Text"] != none);
        await CheckAsync(r => r.Text == "FOO");
        await CheckAsync(r => r.Int == eight, r => (int)r["Int"] == eight);
        await CheckAsync(r => r.Int == noNumber);
        await CheckAsync(r => r.Int == eight.Value);
        await CheckAsync(r => r.Text == "x'; DROP TABLE records; \"--");
        await CheckAsync(r => r.Text != null && r.Text.Equals("foo"));
        await CheckAsync(r => string.Equals(r.Text, "foo"));
        await CheckAsync(r => string.Equals(r.Text, "foo", StringComparison.Ordinal));
        await CheckAsync(r => object.Equals(r.Int, 8));
        await CheckAsync(r => r.Day == DayOfWeek.Friday);
        await CheckAsync(r => r.Tags == data.Records[0].Tags);
    }

    [Fact]
    public async Task Order()
    {
        await CheckAsync(r => r.Int > 9, r => (int)r["Int"] > 9);
        await CheckAsync(r => r.Int >= 9, r => (int)r["Int"] >= 9);
        await CheckAsync(r => r.Int < 10, r => (int)r["Int"] < 10);
        await CheckAsync(r => 9 >= r.Int, r => 9 >= (int)r["Int"]);
        await CheckAsync(r => r.Nullable > 1, r => (int?)r["Nullable"] > 1);
        await CheckAsync(r => !(r.Nullable > 1));
        await CheckAsync(r => r.Nullable < null);
        await CheckAsync(r => r.When >= new DateTime(2024, 1, 3));
        await CheckAsync(r => r.When < data.Origin.AddDays(2).AddHours(1));
        await CheckAsync(r => r.Offset > new DateTimeOffset(2024, 1, 2, 1, 0, 0, TimeSpan.FromHours(1)));
        await CheckAsync(r => r.Date <= new DateOnly(2024, 1, 2));
    }

    [Fact]
    public async Task Numbers_that_a_field_cannot_hold_compare_as_in_CSharp()
    {
        await CheckAsync(r => r.Int > 8.5);
        await CheckAsync(r => r.Int >= 8.5);
        await CheckAsync(r => r.Int < 8.5m);
        await CheckAsync(r => r.Int == 8.5);
        await CheckAsync(r => r.Int != 8.5);
        await CheckAsync(r => r.Int < 5_000_000_000L);
        await CheckAsync(r => r.Int > 5_000_000_000L);
        await CheckAsync(r => r.Nullable < 5_000_000_000L);
        await CheckAsync(r => r.Nullable > -5_000_000_000L);
        await CheckAsync(r => r.Byte < 300);
        await CheckAsync(r => r.Byte == 300);
        await CheckAsync(r => r.Byte > -1);
        await CheckAsync(r => r.Float > 0.1);
        await CheckAsync(r => r.Float == 0.1);
        await CheckAsync(r => r.Float <= 0.1);
        await CheckAsync(r => r.Float > double.NaN);
        await CheckAsync(r => r.Float != double.NaN);
        await CheckAsync(r => r.Int > double.PositiveInfinity);
        await CheckAsync(r => r.Int < double.PositiveInfinity);
    }

    [Fact]
    public async Task Logic()
    {
        await CheckAsync(r => r.Bool, r => (bool)r["Bool"]);
        await CheckAsync(r => !r.Bool, r => !(bool)r["Bool"]);
        await CheckAsync(r => r.Bool == false);
        await CheckAsync(r => r.Bool && r.Text == "foo", r => (bool)r["Bool"] && r["Text"] == "foo");
        await CheckAsync(r => r.Bool || !r.Bool);
        await CheckAsync(
            r => r.Int == 8 || r.Text == "bar" || r.Int > 10,
            r => (int)r["Int"] == 8 || r["Text"] == "bar" || (int)r["Int"] > 10
        );
        await CheckAsync(r => (r.Int == 8 || r.Int == 9) && r.Text == "foo");
        await CheckAsync(r => !(r.Int == 8 && r.Text == "foo"), r => !((int)r["Int"] == 8 && r["Text"] == "foo"));
        await CheckAsync(r => !(r.Int != 8 || r.Text == null));
        await CheckAsync(r => r.Bool & r.Int < 10 | r.Text == null);
        await CheckAsync(r => r.Flag == true);
        await CheckAsync(r => r.Flag != true);
        await CheckAsync(r => r.Flag ?? false);
        await CheckAsync(r => r.Flag ?? true);
        await CheckAsync(r => r.Flag.HasValue);
        await CheckAsync(r => !r.Nullable.HasValue);
        await CheckAsync(r => r.Nullable.HasValue && r.Nullable.Value == 2);
        await CheckAsync(r => true, r => true);
        await CheckAsync(r => false);
        await CheckAsync(r => StaticNumber > 3 && r.Int == 9);
        await CheckAsync(r => r.Tags.Contains("x") == false);
    }

    [Fact]
    public async Task Containment()
    {
        string[] array = ["foo", "baz", "unknown"];
        List<string> list = ["x", "z"];
        HashSet<int> set = [8, 10];
        IEnumerable<int> sequence = set;
        int[] empty = [];
        string?[] withNull = ["bar", null];
        await CheckAsync(r => r.Tags.Contains("x"), r => ((string[])r["Tags"]).Contains("x"));
        await CheckAsync(r => r.Words.Contains("x"), r => ((List<string>)r["Words"]).Contains("x"));
        await CheckAsync(r => Enumerable.Contains(r.Tags, "x"));
        await CheckAsync(r => MemoryExtensions.Contains(r.Tags, "x"));
        await CheckAsync(r => r.Numbers.Contains(2));
        await CheckAsync(r => new[] { 8, 10 }.Contains(r.Int), r => new[] { 8, 10 }.Contains((int)r["Int"]));
        await CheckAsync(r => array.Contains(r.Text), r => array.Contains(r["Text"]));
        await CheckAsync(r => withNull.Contains(r.Text));
        await CheckAsync(r => list.Contains(r.Text));
        await CheckAsync(r => set.Contains(r.Int));
        await CheckAsync(r => sequence.Contains(r.Int));
        await CheckAsync(r => empty.Contains(r.Int));
        await CheckAsync(r => !array.Contains(r.Text));
        await CheckAsync(r => r.Tags.Any(t => list.Contains(t)), r => ((string[])r["Tags"]).Any(t => list.Contains(t)));
        await CheckAsync(
            r => r.Words.Any(t => new[] { "y" }.Contains(t)),
            r => ((List<string>)r["Words"]).Any(t => new[] { "y" }.Contains(t))
        );
        await CheckAsync(r => r.Tags.Any(t => t == "x" || t == "b"));
        await CheckAsync(r => list.Any(t => r.Tags.Contains(t)));
        await CheckAsync(r => list.All(t => r.Tags.Contains(t)));
        await CheckAsync(r => array.Any(t => t == r.Text));
    }

    [Fact]
    public async Task Text()
    {
        await CheckAsync(r => r.Text != null && r.Text.Contains("o"));
        await CheckAsync(r => r.Text != null && r.Text.StartsWith("fo", StringComparison.Ordinal));
        await CheckAsync(r => r.Text != null && r.Text.Contains('a'));
        await CheckAsync(r => string.IsNullOrEmpty(r.Text));
        await CheckAsync(r => !string.IsNullOrEmpty(r.Text));
        await CheckAsync(r => r.Text != null && r.Text.EndsWith("o"));
        await CheckAsync(r => r.Text != null && r.Text.Contains("O", StringComparison.OrdinalIgnoreCase));
        await CheckAsync(r => r.Text != null && r.Text.StartsWith("FO", StringComparison.OrdinalIgnoreCase));
        await CheckAsync(
            r => string.Equals(r.Text, "FOO", StringComparison.OrdinalIgnoreCase),
            r => string.Equals((string?)r["Text"], "FOO", StringComparison.OrdinalIgnoreCase)
        );
        await CheckAsync(r => (r.Text ?? "FOO").Equals("foo", StringComparison.OrdinalIgnoreCase));
        await CheckAsync(r => r.Text != null && r.Text.Length > 3);
        await CheckAsync(r => r.Tags.Any(t => t.StartsWith("X", StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task Lists_dates_and_absent_values()
    {
        await CheckAsync(r => r.Tags.Any(), r => ((string[])r["Tags"]).Any());
        await CheckAsync(r => !r.Words.Any());
        await CheckAsync(r => r.Words.Count > 2, r => ((List<string>)r["Words"]).Count > 2);
        await CheckAsync(r => r.Tags.Length == 2 || r.Tags.Count() == 0);
        await CheckAsync(r => r.Tags.All(t => t == "x"));
        await CheckAsync(r => r.Numbers.Any(n => n > 3 && n != 5));
        await CheckAsync(r => r.Numbers.Any(n => n == 3 && r.Bool));
        await CheckAsync(r => r.Numbers.Any(n => (double)n == 2.0));
        await CheckAsync(r => r.When.Date == new DateTime(2024, 1, 3));
        await CheckAsync(r => r.When.Date > new DateTime(2024, 1, 3, 5, 0, 0));
        await CheckAsync(r => r.When.Year == 2024 && r.Date.Year < 2025);
        await CheckAsync(r => r.Nullable.GetValueOrDefault() == 0, r => ((int?)r["Nullable"]).GetValueOrDefault() == 0);
        await CheckAsync(r => r.Nullable.GetValueOrDefault(7) >= 5);
        await CheckAsync(r => (r.Nullable ?? -1) < 1);
        await CheckAsync(r => (r.Text ?? "none") == "none");
        await CheckAsync(r => r.Bool ? r.Int == 8 : r.Int == 9);
        await CheckAsync(r => r.Bool ^ r.Int > 9);
    }

    [Fact]
    public async Task Values_from_anywhere()
    {
        var local = 8;
        const string Name = "Int";
        await CheckAsync(r => r.Int == local, r => (int)r[Name] == local);
        await CheckAsync(r => r.Int == _number, r => (int)r["Int"] == _number);
        await CheckAsync(r => r.Int == StaticNumber);
        await CheckAsync(r => r.Int == _wrapper.Inner.Value);
        await CheckAsync(r => r.Int == Math.Abs(-8));
        await CheckAsync(r => r.Int == local + 1);
        await CheckAsync(r => r.Text == "f" + new string('o', 2));
        await CheckAsync(r => r.Id == data.Records[1].Id);
        await CheckAsync(r => r.Id != data.Records[1].Id);
    }

    [Fact]
    public async Task What_cannot_be_translated_says_so()
    {
        await ThrowsAsync<NotSupportedException>(r => r.Int == r.Byte);
        await ThrowsAsync<NotSupportedException>(r => r.Text!.Contains("o", StringComparison.CurrentCultureIgnoreCase));
        await ThrowsAsync<NotSupportedException>(r => r.Text!.ToLower() == "foo");
        await ThrowsAsync<NotSupportedException>(r => string.Compare(r.Text, "foo") > 0);
        await ThrowsAsync<NotSupportedException>(r => (byte)r.Int == 8);
        await ThrowsAsync<NotSupportedException>(r => (int)r.Float == 0);
        await ThrowsAsync<NotSupportedException>(r => r.Numbers.Any(n => (byte)n == 3));
        await ThrowsAsync<NotSupportedException>(r => r.Offset.Date == new DateTime(2024, 1, 1));
        await ThrowsAsync<NotSupportedException>(r => r.When.Month == 1);
        await ThrowsAsync<NotSupportedException>(r => (!r.Flag) == true);
        await ThrowsAsync<NotSupportedException>(r => r.Tags.Where(t => t == "x").Any());
        await ThrowsAsync<NotSupportedException>(r => r.Vector.Length == 3);
        var ignoringCase = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "FOO" };
        await ThrowsAsync<NotSupportedException>(r => ignoringCase.Contains(r.Text!));
        int? none = null;
        await ThrowsAsync<InvalidOperationException>(r => r.Int == none.Value);
        await ThrowsAsync<InvalidOperationException>(r => r.Unmapped == 3);
        await Assert.ThrowsAsync<InvalidOperationException>(() => data.Dynamic.GetAsync(r => r["Nope"] == "", 1).ToListAsync().AsTask());
        await Assert.ThrowsAsync<InvalidCastException>(() => data.Dynamic.GetAsync(r => (long)r["Int"] == 8, 1).ToListAsync().AsTask());
    }

    private Task ThrowsAsync<TException>(Expression<Func<Row, bool>> filter)
        where TException : Exception => Assert.ThrowsAsync<TException>(() => data.Indexed.GetAsync(filter, 1).ToListAsync().AsTask());

    private async Task CheckAsync(Expression<Func<Row, bool>> filter, Expression<Func<Dictionary<string, object?>, bool>>? dynamic = null)
    {
        var expected = data.Records.AsQueryable().Where(filter).Select(r => r.Id).Order().ToList();
        foreach (var collection in new[] { data.Indexed, data.Plain })
        {
            Assert.Equal(expected, (await collection.GetAsync(filter, 100).Select(r => r.Id).ToListAsync()).Order());
            Assert.Equal(
                expected,
                (
                    await collection
                        .SearchAsync(new float[] { 1, 2, 3 }, 100, new() { Filter = filter })
                        .Select(r => r.Record.Id)
                        .ToListAsync()
                ).Order()
            );
            Assert.Equal(expected.Count, await collection.CountAsync(filter));
        }

        if (dynamic is null)
            return;
        var found = await data
            .Dynamic.SearchAsync(new float[] { 1, 2, 3 }, 100, new() { Filter = dynamic })
            .Select(r => (int)r.Record["Id"]!)
            .ToListAsync();
        Assert.Equal(expected, found.Order());
    }

    public sealed class Wrapper
    {
        public (int Value, int Other) Inner = (8, 0);
    }

    public sealed class Row
    {
        public int Id { get; set; }

        public int Int { get; set; }

        public byte Byte { get; set; }

        public float Float { get; set; }

        public string? Text { get; set; }

        public bool Bool { get; set; }

        public bool? Flag { get; set; }

        public int? Nullable { get; set; }

        public DateTime When { get; set; }

        public DateTimeOffset Offset { get; set; }

        public DateOnly Date { get; set; }

        public DayOfWeek Day { get; set; }

        public string[] Tags { get; set; } = [];

        public List<string> Words { get; set; } = [];

        public List<int> Numbers { get; set; } = [];

        public ReadOnlyMemory<float> Vector { get; set; } = new float[] { 1, 2, 3 };

        public int Unmapped { get; set; }
    }

    public sealed class Data : IAsyncLifetime
    {
        private readonly StoreFixture _fixture = new();

        public DateTime Origin { get; } = new(2024, 1, 1);

        public List<Row> Records { get; } = [];

        public SearchEngineCollection<int, Row> Indexed { get; private set; } = null!;

        public SearchEngineCollection<int, Row> Plain { get; private set; } = null!;

        public SearchEngineDynamicCollection Dynamic { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await _fixture.InitializeAsync();
            string?[] texts = ["foo", "bar", "foo", null, "with ' \" $ and \\ [special] characters", ""];
            string[][] tags =
            [
                ["x", "y"],
                ["a", "b"],
                ["x"],
                ["x", "y", "z"],
                ["y", "z"],
                [],
            ];
            for (var i = 0; i < texts.Length; i++)
            {
                Records.Add(
                    new Row
                    {
                        Id = i + 1,
                        Int = new[] { 8, 9, 9, 10, 11, 12 }[i],
                        Byte = (byte)(i * 50),
                        Float = i * 0.1f,
                        Text = texts[i],
                        Bool = i % 2 == 0,
                        Flag = i % 3 == 0 ? null : i % 3 == 1,
                        Nullable = i % 4 == 3 ? null : i,
                        When = Origin.AddDays(i),
                        Offset = new DateTimeOffset(Origin.AddDays(i), TimeSpan.Zero),
                        Date = DateOnly.FromDateTime(Origin.AddDays(i)),
                        Day = (DayOfWeek)(i % 7),
                        Tags = tags[i],
                        Words = [.. tags[i]],
                        Numbers = [i, i + 1],
                    }
                );
            }

            Indexed = await _fixture.CreateDefinedAsync<int, Row>(Define(true), Records);
            Plain = await _fixture.CreateDefinedAsync<int, Row>(Define(false), Records);
            Dynamic = _fixture.Store.GetDynamicCollection(Indexed.Name, Define(true));
        }

        public ValueTask DisposeAsync() => _fixture.DisposeAsync();

        private static VectorStoreCollectionDefinition Define(bool indexed)
        {
            var definition = new VectorStoreCollectionDefinition { Properties = [new VectorStoreKeyProperty(nameof(Row.Id), typeof(int))] };
            foreach (var property in typeof(Row).GetProperties())
            {
                if (property.Name is nameof(Row.Id) or nameof(Row.Vector) or nameof(Row.Unmapped))
                    continue;
                definition.Properties.Add(new VectorStoreDataProperty(property.Name, property.PropertyType) { IsIndexed = indexed });
            }

            definition.Properties.Add(new VectorStoreVectorProperty(nameof(Row.Vector), typeof(ReadOnlyMemory<float>), 3));
            return definition;
        }
    }
}
