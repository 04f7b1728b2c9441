using CsCheck;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Filters answered by indexes, by reading records, and by a mixture, against the same condition evaluated on objects.</summary>
public class FilterTests
{
    private sealed record Row(
        int Id,
        string? Name,
        int? Number,
        double? Real,
        bool? Flag,
        DateTimeOffset? Time,
        string[]? Tags,
        decimal? Price
    );

    private static readonly Gen<Row> AnyRow = Gen.Select(
            Gen.Int[0, 1_000_000],
            OneOf<string?>(null, "", "a", "A", "b", "naïve", "it's \"quoted\""),
            Gen.OneOf(Gen.Const((int?)null), Gen.Int[-3, 3].Select(i => (int?)i)),
            OneOf<double?>(null, -1.5, -0.0, 0.0, 2.25, double.NaN, double.PositiveInfinity),
            OneOf<bool?>(null, true, false),
            Gen.OneOf(
                Gen.Const((DateTimeOffset?)null),
                Gen.Int[0, 3].Select(d => (DateTimeOffset?)new DateTimeOffset(2024, 1, 1 + d, 12, 0, 0, TimeSpan.FromHours(d)))
            ),
            OneOf<string[]?>(null, [], ["x"], ["x", "y"], ["z"]),
            OneOf<decimal?>(null, -1m, 0m, 1.10m)
        )
        .Select((id, name, number, real, flag, time, tags, price) => new Row(id, name, number, real, flag, time, tags, price));

    private static readonly Gen<DocumentFilter> Leaf = Gen.OneOf(
        Comparison("name", OneOf<object?>(null, "", "a", "A", "naïve", "it's \"quoted\""), ordered: true),
        Comparison("number", Gen.OneOf(Gen.Const((object?)null), Gen.Int[-4, 4].Select(i => (object?)i)), ordered: true),
        Comparison("real", OneOf<object?>(null, -1.5, 0.0, 2.25, double.NaN), ordered: true),
        Comparison("flag", OneOf<object?>(null, true, false), ordered: false),
        Comparison("time", Gen.Int[0, 3].Select(d => (object?)new DateTimeOffset(2024, 1, 1 + d, 12, 0, 0, TimeSpan.Zero)), ordered: true),
        Comparison("price", OneOf<object?>(null, 0m, 1.1m), ordered: true),
        OneOf<DocumentFilter>(
            new DocumentFilter.ContainsAny("tags", ["x"]),
            new DocumentFilter.ContainsAny("tags", ["y", "z"]),
            new DocumentFilter.ContainsAny("tags", []),
            new DocumentFilter.In("name", ["a", null]),
            new DocumentFilter.In("number", [1, 2]),
            new DocumentFilter.In("price", [0m, null]),
            new DocumentFilter.TextMatch("name", "ï"),
            new DocumentFilter.TextMatch("name", "A", Prefix: true),
            new DocumentFilter.TextMatch("name", "A") { IgnoreCase = true },
            new DocumentFilter.TextMatch("name", "ï") { Suffix = true },
            new DocumentFilter.TextMatch("name", "A", Prefix: true) { Suffix = true, IgnoreCase = true },
            new DocumentFilter.In("real", [double.NaN, 2.25]),
            new DocumentFilter.Length("tags", ComparisonOperator.Equal, 0),
            new DocumentFilter.Length("tags", ComparisonOperator.GreaterOrEqual, 2),
            new DocumentFilter.Length("name", ComparisonOperator.Less, 2),
            new DocumentFilter.Any("tags", DocumentFilter.Greater(DocumentFilter.ElementField, "x")),
            new DocumentFilter.Any("tags", DocumentFilter.Equal(DocumentFilter.ElementField, "x") & DocumentFilter.Equal("flag", true)),
            DocumentFilter.Equal("tags", null),
            DocumentFilter.NotEqual("tags", null),
            DocumentFilter.Equal("tags", new[] { "x", "y" }),
            DocumentFilter.NotEqual("tags", new List<string> { "x" }),
            DocumentFilter.Equal("tags", Array.Empty<string>()),
            new DocumentFilter.In(DocumentFilter.KeyField, [1, 500_000]),
            DocumentFilter.Less(DocumentFilter.KeyField, 500_000),
            new DocumentFilter.Constant(true),
            new DocumentFilter.Constant(false)
        )
    );

    private static readonly Gen<DocumentFilter> AnyFilter = Gen.Recursive<DocumentFilter>(
        (depth, inner) =>
            depth > 2
                ? Leaf
                : Gen.Frequency(
                    (3, Leaf),
                    (1, inner.Array[0, 3].Select(parts => (DocumentFilter)new DocumentFilter.And(parts))),
                    (1, inner.Array[0, 3].Select(parts => (DocumentFilter)new DocumentFilter.Or(parts))),
                    (1, inner.Select(part => (DocumentFilter)new DocumentFilter.Not(part)))
                )
    );

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<DocumentFilter> Comparison(string field, Gen<object?> values, bool ordered) =>
        Gen.Select(ordered ? Gen.Enum<ComparisonOperator>() : OneOf(ComparisonOperator.Equal, ComparisonOperator.NotEqual), values)
            .Select((op, value) => (DocumentFilter)new DocumentFilter.Comparison(field, op, value));

    private static CollectionSchema Schema(bool filterable) =>
        new()
        {
            Name = filterable ? "indexed" : "plain",
            KeyKind = RecordKeyKind.Int32,
            Fields =
            [
                new DataField("name", DataFieldType.String) { IsFilterable = filterable },
                new DataField("number", DataFieldType.Int32) { IsFilterable = filterable },
                new DataField("real", DataFieldType.Double) { IsFilterable = filterable },
                new DataField("flag", DataFieldType.Boolean) { IsFilterable = filterable },
                new DataField("time", DataFieldType.DateTimeOffset) { IsFilterable = filterable },
                new DataField("tags", DataFieldType.String) { IsList = true, IsFilterable = filterable },
                new DataField("price", DataFieldType.Decimal) { IsFilterable = filterable },
            ],
        };

    [Fact]
    public async Task Filters_mean_what_the_same_condition_means_in_CSharp()
    {
        using var directory = new TemporaryDirectory();
        await using var database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions { Directory = directory.FullPath, MemoryBytes = 16 << 20 }
        );
        var rows = Rows(200, seed: 7);
        var collections = new[] { await database.CreateCollectionAsync(Schema(true)), await database.CreateCollectionAsync(Schema(false)) };
        foreach (var collection in collections)
        {
            await collection.UpsertAsync([.. rows.Select(ToDocument)]);
            // Some records move to new ordinals, some go.
            await collection.UpsertAsync([.. rows.Take(20).Select(ToDocument)]);
            await collection.DeleteAsync([.. rows.TakeLast(10).Select(r => (RecordKey)r.Id)]);
        }

        var left = rows.SkipLast(10).ToArray();
        AnyFilter.Sample(
            filter =>
            {
                var expected = left.Where(row => Matches(filter, row)).Select(row => row.Id).Order().ToArray();
                foreach (var collection in collections)
                {
                    var found = collection.Query(new RecordQuery { Filter = filter }).Select(d => (int)d.Key.Value).Order().ToArray();
                    Assert.Equal(expected, found);
                    Assert.Equal(expected.Length, collection.CountWhere(filter));
                }
            },
            iter: 300,
            threads: 1,
            seed: "0000KeBHvG3e",
            print: filter => filter.ToString()
        );
    }

    private static Row[] Rows(int count, int seed)
    {
        var pcg = new PCG((uint)seed);
        var rows = new Dictionary<int, Row>();
        while (rows.Count < count)
        {
            var row = AnyRow.Generate(pcg, null, out _);
            rows.TryAdd(rows.Count == 0 ? 1 : row.Id, rows.Count == 0 ? row with { Id = 1 } : row);
        }

        return [.. rows.Values];
    }

    private static Document ToDocument(Row row) =>
        new(row.Id)
        {
            ["name"] = row.Name,
            ["number"] = row.Number,
            ["real"] = row.Real,
            ["flag"] = row.Flag,
            ["time"] = row.Time,
            ["tags"] = row.Tags,
            ["price"] = row.Price,
        };

    /// <summary>The oracle: plain C# on the row.</summary>
    private static bool Matches(DocumentFilter filter, Row row)
    {
        switch (filter)
        {
            case DocumentFilter.Constant c:
                return c.Value;
            case DocumentFilter.And c:
                return c.Conditions.All(part => Matches(part, row));
            case DocumentFilter.Or c:
                return c.Conditions.Any(part => Matches(part, row));
            case DocumentFilter.Not c:
                return !Matches(c.Condition, row);
            case DocumentFilter.TextMatch c:
                var (name, text) = c.IgnoreCase ? (row.Name?.ToUpperInvariant(), c.Text.ToUpperInvariant()) : (row.Name, c.Text);
                return name is not null
                    && name.IndexOf(text, StringComparison.Ordinal) >= 0
                    && (!c.Prefix || name.IndexOf(text, StringComparison.Ordinal) == 0)
                    && (!c.Suffix || name.LastIndexOf(text, StringComparison.Ordinal) == name.Length - text.Length)
                    && !(c.Prefix && c.Suffix && name.Length != text.Length);
            case DocumentFilter.Length { Field: "tags" } c:
                return Compare<int>(c.Operator, row.Tags?.Length, (int)c.Value) && row.Tags is not null;
            case DocumentFilter.Length c:
                return Compare<int>(c.Operator, row.Name?.Length, (int)c.Value) && row.Name is not null;
            case DocumentFilter.Any { Condition: DocumentFilter.Comparison }:
                return row.Tags?.Any(tag => string.CompareOrdinal(tag, "x") > 0) == true;
            case DocumentFilter.Any:
                return row.Tags?.Any(tag => tag == "x" && row.Flag == true) == true;
            case DocumentFilter.In { Field: "real" } c:
                return row.Real is { } real && c.Values.Contains(real);
            case DocumentFilter.ContainsAny c:
                return row.Tags?.Any(tag => c.Values.Contains(tag)) == true;
            case DocumentFilter.In { Field: "name" } c:
                return c.Values.Cast<string?>().Contains(row.Name);
            case DocumentFilter.In { Field: "number" } c:
                return c.Values.Cast<int?>().Contains(row.Number);
            case DocumentFilter.In { Field: "price" } c:
                return c.Values.Cast<decimal?>().Contains(row.Price);
            case DocumentFilter.In c:
                return c.Values.Contains(row.Id);
            case DocumentFilter.Comparison { Field: "tags", Value: IEnumerable<string> tags } c:
                return (c.Operator == ComparisonOperator.Equal) == (row.Tags is not null && row.Tags.SequenceEqual(tags));
            case DocumentFilter.Comparison { Field: "tags" } c:
                return c.Operator == ComparisonOperator.Equal ? row.Tags == null : row.Tags != null;
            case DocumentFilter.Comparison { Field: "flag" } c:
                return c.Operator == ComparisonOperator.Equal ? row.Flag == (bool?)c.Value : row.Flag != (bool?)c.Value;
            case DocumentFilter.Comparison { Field: "name" } c:
                return c.Operator switch
                {
                    ComparisonOperator.Equal => row.Name == (string?)c.Value,
                    ComparisonOperator.NotEqual => row.Name != (string?)c.Value,
                    _ => row.Name is not null && c.Value is not null && Order(c.Operator, string.CompareOrdinal(row.Name, (string)c.Value)),
                };
            case DocumentFilter.Comparison { Field: "number" } c:
                return Compare(c.Operator, row.Number, (int?)c.Value);
            case DocumentFilter.Comparison { Field: "time" } c:
                return Compare(c.Operator, row.Time, (DateTimeOffset?)c.Value);
            case DocumentFilter.Comparison { Field: "price" } c:
                return Compare(c.Operator, row.Price, (decimal?)c.Value);
            case DocumentFilter.Comparison { Field: "real" } c:
                var (a, b) = (row.Real, (double?)c.Value);
                return c.Operator switch
                {
                    ComparisonOperator.Equal => a == b,
                    ComparisonOperator.NotEqual => a != b,
                    ComparisonOperator.Less => a < b,
                    ComparisonOperator.LessOrEqual => a <= b,
                    ComparisonOperator.Greater => a > b,
                    _ => a >= b,
                };
            case DocumentFilter.Comparison c:
                return Compare<int>(c.Operator, row.Id, (int?)c.Value);
            default:
                throw new InvalidOperationException(filter.ToString());
        }
    }

    private static bool Compare<T>(ComparisonOperator op, T? left, T? right)
        where T : struct, IComparable<T>
    {
        return op switch
        {
            ComparisonOperator.Equal => Nullable.Equals(left, right),
            ComparisonOperator.NotEqual => !Nullable.Equals(left, right),
            _ => left is not null && right is not null && Order(op, left.Value.CompareTo(right.Value)),
        };
    }

    private static bool Order(ComparisonOperator op, int order) =>
        op switch
        {
            ComparisonOperator.Less => order < 0,
            ComparisonOperator.LessOrEqual => order <= 0,
            ComparisonOperator.Greater => order > 0,
            _ => order >= 0,
        };
}
