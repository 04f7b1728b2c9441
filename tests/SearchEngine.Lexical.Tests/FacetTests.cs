using CsCheck;

namespace SearchEngine.Lexical.Tests;

/// <summary>
/// Counts, ranges, orders, values and matching sets against the same on objects, over several segments with deleted documents.
/// </summary>
public sealed class FacetTests
{
    private static readonly LexicalSchema Schema = new()
    {
        Fields =
        [
            new LexicalField { Name = "text", IsFullText = true },
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
                Name = "ss",
                IsFilterable = true,
                IsList = true,
            },
        ],
    };

    private sealed record Row(string Text, string? S, bool? B, long? I, double? D, string[]? Ss);

    private static readonly Gen<Row> Rows = Gen.Select(
        Gen.OneOf("red", "green blue", "red blue"),
        Gen.OneOf("", "a", "B", "\u00e9", "\uffff", "\U0001F600").Null(),
        Gen.Bool.Nullable(),
        Gen.OneOf(Gen.Long[-3, 3], Gen.OneOf(long.MinValue, long.MaxValue)).Nullable(),
        Gen.OneOf(0.5, -1.5, 1e300, double.NegativeInfinity, double.NaN).Nullable(),
        Gen.OneOf("x", "y", "z").Array[0, 3].Null(),
        (text, s, b, i, d, ss) => new Row(text, s, b, i, d, ss)
    );

    [Fact]
    public void Facets_orders_and_matches_are_those_of_the_objects()
    {
        Gen.Select(Rows.Array[1, 80], Gen.Int[1, 5], Gen.Int[1, 20])
            .Sample(
                (rows, segments, top) =>
                {
                    using var index = LexicalIndex.Open(new Lucene.Net.Store.RAMDirectory(), "memory", Schema, generation: null);
                    for (var i = 0; i < rows.Length; i++)
                    {
                        index.Add([
                            new LexicalDocument(
                                i,
                                [
                                    ("text", rows[i].Text),
                                    ("s", rows[i].S),
                                    ("b", rows[i].B),
                                    ("i", rows[i].I),
                                    ("d", rows[i].D),
                                    ("ss", rows[i].Ss),
                                ]
                            ),
                        ]);
                        if (i % (1 + rows.Length / segments) == 0)
                            index.Refresh();
                    }
                    index.Delete(Enumerable.Range(0, rows.Length).Where(i => i % 7 == 3));
                    index.Refresh();
                    var live = Enumerable.Range(0, rows.Length).Where(i => i % 7 != 3).ToArray();
                    var red = live.Where(i => rows[i].Text.Contains("red")).ToArray();
                    LexicalFacetRequest[] asked =
                    [
                        new("s") { Top = top },
                        new("b"),
                        new("i") { Top = top },
                        new("ss"),
                        new("i") { Borders = [-1L, 0, 2] },
                        new("d") { Borders = [0.0] },
                        new("d") { Top = top },
                    ];
                    var matches = index.Match(new LexicalQuery { Text = "red", Top = top }, asked);
                    Assert.Equal(index.Search(new LexicalQuery { Text = "red", Top = top }), matches.Hits);
                    Assert.Equal(red, matches.Ordinals.Ordinals());
                    // Few enough to be looked up one by one.
                    int[] few = [.. live.Where((_, i) => i % 40 == 0)];

                    foreach (
                        var (set, ordinals, facets) in new[]
                        {
                            (live, (OrdinalBits?)null, index.Facets(asked, null)),
                            (red, matches.Ordinals, index.Facets(asked, matches.Ordinals)),
                            (red, matches.Ordinals, matches.Facets),
                            (few, OrdinalBits.Of(few), index.Facets(asked, OrdinalBits.Of(few))),
                        }
                    )
                    {
                        Same(facets[0], set.Select(i => rows[i].S), top, string.CompareOrdinal);
                        Same(facets[1], set.Select(i => rows[i].B), 10, (x, y) => x!.Value.CompareTo(y!.Value));
                        Same(facets[2], set.Select(i => rows[i].I), top, (x, y) => x!.Value.CompareTo(y!.Value));
                        Same(
                            facets[3],
                            set.SelectMany(i => rows[i].Ss is { Length: > 0 } values ? values.Distinct().Cast<string?>() : [null]),
                            10,
                            string.CompareOrdinal
                        );
                        Assert.Equal(
                            [
                                (null, Between(i => i < -1), -1L),
                                (-1L, Between(i => i is -1), 0L),
                                (0L, Between(i => i is 0 or 1), 2L),
                                (2L, Between(i => i >= 2), null),
                            ],
                            facets[4].Values.Select(v => ((object?)v.Value, v.Count, (object?)v.UpTo))
                        );
                        Assert.Equal(
                            [set.Count(i => rows[i].D < 0), set.Count(i => rows[i].D >= 0)],
                            facets[5].Values.Select(v => v.Count)
                        );
                        Assert.Equal(set.Count(i => rows[i].D is null), facets[5].Missing);
                        Same(facets[6], set.Select(i => rows[i].D), top, (x, y) => NaNLast(x!.Value, y!.Value));

                        Assert.Equal(
                            set.OrderBy(i => rows[i].I is null).ThenBy(i => rows[i].I).ThenBy(i => i).Take(top),
                            index.Sorted(new LexicalSort("i"), ordinals, top)
                        );
                        Assert.Equal(
                            set.OrderBy(i => rows[i].S is null)
                                .ThenByDescending(i => rows[i].S, StringComparer.Ordinal)
                                .ThenBy(i => i)
                                .Take(top),
                            index.Sorted(new LexicalSort("s", Descending: true), ordinals, top)
                        );
                        Assert.Equal(
                            set.OrderBy(i => rows[i].D is null)
                                .ThenBy(i => rows[i].D is double.NaN)
                                .ThenBy(i => rows[i].D)
                                .ThenBy(i => i)
                                .Take(top),
                            index.Sorted(new LexicalSort("d"), ordinals, top)
                        );

                        int Between(Func<long, bool> holds) => set.Count(i => rows[i].I is { } value && holds(value));
                    }

                    Assert.Equal(
                        Enumerable.Range(0, rows.Length).Reverse().Select(i => i % 7 == 3 ? null : (object?)rows[i].S),
                        index.Values("s", [.. Enumerable.Range(0, rows.Length).Reverse()])
                    );
                },
                iter: 60,
                seed: "0000KLR7q9Fb"
            );
    }

    private static int NaNLast(double x, double y) =>
        double.IsNaN(x) || double.IsNaN(y) ? double.IsNaN(x).CompareTo(double.IsNaN(y)) : x.CompareTo(y);

    private static void Same<T>(LexicalFacet facet, IEnumerable<T?> values, int top, Comparison<T?> order)
    {
        var groups = values
            .Where(v => v is not null)
            .GroupBy(v => v)
            .OrderByDescending(g => g.Count())
            .ThenBy(g => g.Key, Comparer<T?>.Create(order))
            .ToArray();
        Assert.Equal(groups.Take(top).Select(g => ((object?)g.Key, g.Count())), facet.Values.Select(v => (v.Value, v.Count)));
        Assert.Equal(groups.Length, facet.Distinct);
        Assert.Equal(values.Count(v => v is null), facet.Missing);
    }

    [Fact]
    public void What_cannot_be_counted_is_named()
    {
        using var index = LexicalIndex.Open(new Lucene.Net.Store.RAMDirectory(), "memory", Schema, generation: null);

        Assert.Contains("'text' is not filterable", Assert.Throws<ArgumentException>(() => index.Facets([new("text")], null)).Message);
        Assert.Contains("no field 'q'", Assert.Throws<ArgumentException>(() => index.Facets([new("q")], null)).Message);
        Assert.Contains(
            "must ascend",
            Assert.Throws<ArgumentException>(() => index.Facets([new("i") { Borders = [2L, 1L] }], null)).Message
        );
        Assert.Contains("takes long", Assert.Throws<ArgumentException>(() => index.Facets([new("i") { Borders = ["a"] }], null)).Message);
        Assert.Contains("Boolean", Assert.Throws<ArgumentException>(() => index.Facets([new("b") { Borders = [true] }], null)).Message);
        Assert.Contains("is a list", Assert.Throws<ArgumentException>(() => index.Sorted(new LexicalSort("ss"), null, 1)).Message);
        Assert.Contains("is a list", Assert.Throws<ArgumentException>(() => index.Values("ss", [1])).Message);
    }
}
