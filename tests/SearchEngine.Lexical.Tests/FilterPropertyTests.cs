using CsCheck;

namespace SearchEngine.Lexical.Tests;

/// <summary>Random filters over random documents, against the same C# expressions on objects.</summary>
public sealed class FilterPropertyTests
{
    private static readonly LexicalSchema Schema = new()
    {
        Fields =
        [
            new LexicalField { Name = "s", IsFilterable = true },
            new LexicalField
            {
                Name = "b",
                Kind = LexicalFieldKind.Boolean,
                IsFilterable = true,
            },
            new LexicalField
            {
                Name = "i",
                Kind = LexicalFieldKind.Int64,
                IsFilterable = true,
            },
            new LexicalField
            {
                Name = "d",
                Kind = LexicalFieldKind.Double,
                IsFilterable = true,
            },
            new LexicalField
            {
                Name = "y",
                Kind = LexicalFieldKind.Bytes,
                IsFilterable = true,
            },
            new LexicalField
            {
                Name = "ss",
                IsFilterable = true,
                IsList = true,
            },
            new LexicalField
            {
                Name = "ds",
                Kind = LexicalFieldKind.Double,
                IsFilterable = true,
                IsList = true,
            },
        ],
    };

    private sealed record Row(string? S, bool? B, long? I, double? D, byte[]? Y, List<string?>? Ss, List<double?>? Ds);

    private sealed record Case(LexicalFilter Filter, Func<Row, bool> Expected);

    private static readonly Gen<string> Text = Gen.OneOf("", "a", "A", "ab", "b", "\u00e9", "\uffff", "\U0001F600", "\ud800", "zz\0z");
    private static readonly Gen<long> Whole = Gen.OneOf(
        Gen.OneOf(long.MinValue, long.MaxValue, 0L, -1L, 1L << 53, (1L << 53) + 1),
        Gen.Long[-3, 3]
    );
    private static readonly Gen<double> Real = Gen.OneOf(
        0.0,
        -0.0,
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        double.Epsilon,
        -double.Epsilon,
        double.MaxValue,
        double.MinValue,
        0.1,
        -1.5,
        2
    );
    private static readonly Gen<byte[]> Blob = Gen.OneOf(Gen.Const(Array.Empty<byte>()), Gen.Byte.Array[1, 2]);

    private static readonly Gen<Row> Rows = Gen.Select(
        Text.Null(),
        Gen.Bool.Nullable(),
        Whole.Nullable(),
        Real.Nullable(),
        Blob.Null(),
        Text.Null().List[0, 3].Null(),
        Real.Nullable().List[0, 3].Null(),
        (s, b, i, d, y, ss, ds) => new Row(s, b, i, d, y, ss, ds)
    );

    private static readonly Gen<Case> Leaf = Gen.OneOf(
        Text.Null().Select(v => new Case(new LexicalFilter.Equal("s", v), r => r.S == v)),
        Text.Null().Select(v => new Case(new LexicalFilter.NotEqual("s", v), r => r.S != v)),
        Text.Select(v => new Case(new LexicalFilter.Less("s", v), r => r.S is not null && string.CompareOrdinal(r.S, v) < 0)),
        Text.Select(v => new Case(new LexicalFilter.GreaterOrEqual("s", v), r => r.S is not null && string.CompareOrdinal(r.S, v) >= 0)),
        Text.Null().Array[0, 3].Select(v => new Case(new LexicalFilter.In("s", v), r => v.Contains(r.S))),
        Gen.Bool.Nullable().Select(v => new Case(new LexicalFilter.Equal("b", v), r => r.B == v)),
        Gen.Bool.Nullable().Select(v => new Case(new LexicalFilter.NotEqual("b", v), r => r.B != v)),
        Whole.Nullable().Select(v => new Case(new LexicalFilter.Equal("i", v), r => r.I == v)),
        Whole.Nullable().Select(v => new Case(new LexicalFilter.Less("i", v), r => r.I < v)),
        Whole.Nullable().Select(v => new Case(new LexicalFilter.LessOrEqual("i", v), r => r.I <= v)),
        Whole.Nullable().Select(v => new Case(new LexicalFilter.Greater("i", v), r => r.I > v)),
        Whole.Nullable().Select(v => new Case(new LexicalFilter.GreaterOrEqual("i", v), r => r.I >= v)),
        Whole.Nullable().Array[0, 3].Select(v => new Case(new LexicalFilter.In("i", [.. v.Select(x => (object?)x)]), r => v.Contains(r.I))),
        Real.Nullable().Select(v => new Case(new LexicalFilter.Equal("d", v), r => r.D == v)),
        Real.Nullable().Select(v => new Case(new LexicalFilter.NotEqual("d", v), r => r.D != v)),
        Real.Nullable().Select(v => new Case(new LexicalFilter.Less("d", v), r => r.D < v)),
        Real.Nullable().Select(v => new Case(new LexicalFilter.LessOrEqual("d", v), r => r.D <= v)),
        Real.Nullable().Select(v => new Case(new LexicalFilter.Greater("d", v), r => r.D > v)),
        Real.Nullable().Select(v => new Case(new LexicalFilter.GreaterOrEqual("d", v), r => r.D >= v)),
        Real.Nullable().Array[0, 3].Select(v => new Case(new LexicalFilter.In("d", [.. v.Select(x => (object?)x)]), r => v.Contains(r.D))),
        Blob.Select(v => new Case(new LexicalFilter.Equal("y", v), r => r.Y is not null && r.Y.AsSpan().SequenceEqual(v))),
        Blob.Select(v => new Case(new LexicalFilter.Less("y", v), r => r.Y is not null && r.Y.AsSpan().SequenceCompareTo(v) < 0)),
        Blob.Select(v => new Case(new LexicalFilter.Greater("y", v), r => r.Y is not null && r.Y.AsSpan().SequenceCompareTo(v) > 0)),
        Text.Null().Select(v => new Case(new LexicalFilter.Contains("ss", v), r => r.Ss?.Contains(v) == true)),
        Text.Null().Array[0, 3].Select(v => new Case(new LexicalFilter.Any("ss", v), r => r.Ss?.Any(x => v.Contains(x)) == true)),
        Real.Nullable().Select(v => new Case(new LexicalFilter.Contains("ds", v), r => r.Ds?.Contains(v) == true)),
        Gen.Const(new Case(new LexicalFilter.IsNull("ss"), r => r.Ss is null)),
        Gen.Const(new Case(new LexicalFilter.Equal("ds", null), r => r.Ds is null)),
        Gen.Const(new Case(new LexicalFilter.NotEqual("ds", null), r => r.Ds is not null)),
        Gen.Const(new Case(LexicalFilter.All, _ => true)),
        Gen.Const(new Case(LexicalFilter.None, _ => false))
    );

    private static readonly Gen<Case> Filters = Gen.Recursive<Case>(
        (depth, inner) =>
            depth == 3
                ? Leaf
                : Gen.Frequency(
                    (3, Leaf),
                    (1, inner.Select(c => new Case(new LexicalFilter.Not(c.Filter), r => !c.Expected(r)))),
                    (
                        1,
                        inner
                            .Array[0, 3]
                            .Select(c => new Case(new LexicalFilter.And([.. c.Select(x => x.Filter)]), r => c.All(x => x.Expected(r))))
                    ),
                    (
                        1,
                        inner
                            .Array[0, 3]
                            .Select(c => new Case(new LexicalFilter.Or([.. c.Select(x => x.Filter)]), r => c.Any(x => x.Expected(r))))
                    )
                )
    );

    [Fact]
    public void Filters_match_what_CSharp_matches()
    {
        Gen.Select(Rows.Array[1, 40], Rows.Array[0, 10], Filters.Array[40])
            .Sample(
                (rows, replacements, cases) =>
                {
                    using var index = LexicalIndex.Open(new Lucene.Net.Store.RAMDirectory(), "memory", Schema, generation: null);
                    Row?[] expected = [.. rows];
                    index.Add(rows.Select((r, i) => ToDocument(i, r)));
                    index.Refresh();
                    // Deleted and replaced documents, in segments of their own.
                    for (var i = 0; i < replacements.Length; i++)
                    {
                        var ordinal = i * 7 % rows.Length;
                        expected[ordinal] = i % 3 == 0 ? null : replacements[i];
                        if (i % 3 == 0)
                            index.Delete([ordinal]);
                        else
                            index.Add([ToDocument(ordinal, replacements[i])]);
                    }
                    index.Refresh();
                    foreach (var @case in cases)
                    {
                        int[] want = [.. Enumerable.Range(0, rows.Length).Where(i => expected[i] is { } row && @case.Expected(row))];
                        Assert.True(
                            want.SequenceEqual(index.Filter(@case.Filter).Ordinals()),
                            $"{@case.Filter}: expected {string.Join(",", want)}"
                        );
                    }
                },
                iter: 150,
                seed: "0000KLR7q9Fb"
            );
    }

    private static LexicalDocument ToDocument(int ordinal, Row row) =>
        new(ordinal, [("s", row.S), ("b", row.B), ("i", row.I), ("d", row.D), ("y", row.Y), ("ss", row.Ss), ("ds", row.Ds)]);
}
