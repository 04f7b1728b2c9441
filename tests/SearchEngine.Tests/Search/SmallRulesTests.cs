using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.AI;
using SearchEngine.Reading;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Rules of small parts, each by itself.</summary>
public sealed class SmallRulesTests
{
    private static readonly CollectionSchema Stored = new()
    {
        Name = "notes",
        Fields =
        [
            new DataField("text", DataFieldType.String) { IsFullText = true },
            new DataField("year", DataFieldType.Int32) { IsFilterable = true },
        ],
        Vectors = [new VectorField("vector", 8)],
    };

    /// <summary>A schema that differs in one thing, and what is said of it.</summary>
    public static TheoryData<int, string> Differences()
    {
        var data = new TheoryData<int, string>();
        for (var i = 0; i < Others.Length; i++)
            data.Add(i, Others[i].Said);
        return data;
    }

    private static readonly (CollectionSchema Asked, string Said)[] Others =
    [
        (Stored with { KeyKind = RecordKeyKind.Int32 }, "keys are stored as String, asked for as Int32"),
        (Stored with { Analyzer = "german.2" }, "asked for 'german.2'"),
        (Stored with { Fields = [.. Stored.Fields, new DataField("more", DataFieldType.Double)] }, "there is no field 'more'"),
        (Stored with { Fields = [Stored.Fields[0]] }, "the stored field 'year' is missing"),
        (Stored with { Fields = [Stored.Fields[0], Stored.Fields[1] with { IsList = true }] }, "asked for as list of Int32, filterable"),
        (Stored with { Fields = [Stored.Fields[0] with { Boost = 2 }, Stored.Fields[1]] }, "asked for as String, full text, boost 2"),
        (Stored with { Vectors = [.. Stored.Vectors, new VectorField("second", 8)] }, "there is no vector field 'second'"),
        (Stored with { Vectors = [] }, "the stored vector field 'vector' is missing"),
        (Stored with { Vectors = [new VectorField("vector", 9)] }, "has 8 dimensions, asked for 9"),
        (
            Stored with
            {
                Vectors = [new VectorField("vector", 8) { Metric = DistanceMetric.Euclidean }],
            },
            "vector field 'vector' is stored as"
        ),
    ];

    [Theory]
    [MemberData(nameof(Differences))]
    public void The_first_difference_of_two_schemas_is_named(int other, string said) =>
        Assert.Contains(said, SchemaComparer.FirstDifference(Stored, Others[other].Asked), StringComparison.Ordinal);

    [Fact]
    public void What_acts_on_queries_alone_is_no_difference()
    {
        Assert.Null(SchemaComparer.FirstDifference(Stored, Stored));
        Assert.Null(SchemaComparer.FirstDifference(Stored, Stored with { Vectors = [Stored.Vectors[0] with { EfSearch = 77 }] }));
    }

    [Fact]
    public void Keys_are_equal_or_unequal_and_never_both()
    {
        RecordKey[] keys = [RecordKey.From("1"), RecordKey.From(1), RecordKey.From(1L), RecordKey.From("2"), RecordKey.From(Guid.Empty)];
        for (var i = 0; i < keys.Length; i++)
        {
            for (var j = 0; j < keys.Length; j++)
            {
                Assert.Equal(i == j, keys[i] == keys[j]);
                Assert.Equal(i != j, keys[i] != keys[j]);
            }
        }
    }

    /// <summary>Relevance is where a score lies between the least that there can be and the best, whatever the least is.</summary>
    [Theory]
    [InlineData(1.0)]
    [InlineData(-3.0)]
    [InlineData(null)]
    public void The_most_relevant_has_1_and_the_least_that_there_can_be_has_0(double? least)
    {
        double[] scores = [5, 3, 1];
        var lowest = least ?? 1;
        var order = DiversityOrder.Choose(scores, least, weight: 0, (_, _) => 0.5).ToArray();

        Assert.Equal(scores.Select(score => (score - lowest) / (5 - lowest)), order.Select(chosen => chosen.Relevance));
        Assert.Equal([1, 2, 3], order.Select(chosen => chosen.Rank));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("[\"upsert\"]")]
    [InlineData("[[]]")]
    [InlineData("[{}]")]
    public void An_operation_that_is_none_is_refused(string operations) =>
        Assert.ThrowsAny<ArgumentException>(() => WriteBatchJson.Read(JsonDocument.Parse(operations).RootElement, Stored));

    [Fact]
    public void Operations_are_read_in_their_order()
    {
        var batch = WriteBatchJson.Read(
            JsonDocument.Parse("""[{"delete":"a"},{"metadata":"note","value":"kept"},{"delete":"b"}]""").RootElement,
            Stored
        );
        Assert.Equal(3, batch.Count);
        Assert.Equal(
            [WriteOperationKind.Delete, WriteOperationKind.SetMetadata, WriteOperationKind.Delete],
            batch.Operations.Select(operation => operation.Kind)
        );
    }

    /// <summary>Every column of a Parquet file is what its schema says: its type, whether it is a list, and what may be missing in it.</summary>
    [Fact]
    public void Columns_of_another_type_or_shape_are_refused()
    {
        CollectionSchema[] schemas =
        [
            Stored with
            {
                Fields = [new DataField("x", DataFieldType.Int32)],
                Vectors = [],
            },
            Stored with
            {
                Fields = [new DataField("x", DataFieldType.Int64)],
                Vectors = [],
            },
            Stored with
            {
                Fields = [new DataField("x", DataFieldType.Int32) { IsList = true }],
                Vectors = [],
            },
            Stored with
            {
                Fields = [new DataField("x", DataFieldType.Single) { IsList = true }],
                Vectors = [],
            },
            Stored with
            {
                Fields = [],
                Vectors = [new VectorField("x", 8)],
            },
            Stored with
            {
                Fields = [new DataField("y", DataFieldType.Int32)],
                Vectors = [],
            },
            Stored with
            {
                Fields = [new DataField("x", DataFieldType.Int32), new DataField("y", DataFieldType.Int32)],
                Vectors = [],
            },
        ];
        var layouts = schemas.Select(schema => new ParquetLayout(schema, includeVectors: true)).ToArray();
        foreach (var (i, layout) in layouts.Index())
        {
            foreach (var (j, file) in layouts.Index())
            {
                if (i == j)
                    Assert.Equal(layout.Columns.Count, layout.Match(file.File).Length);
                else
                    Assert.True(Record.Exception(() => layout.Match(file.File)) is FormatException, $"{i} of {j}");
            }
        }
    }

    [Fact]
    public void NaN_is_among_values_only_where_it_is_one_of_them()
    {
        var document = new Document("a") { ["d"] = 1.5, ["list"] = new[] { 1.5, 2.5 } };
        var none = new Document("b") { ["d"] = double.NaN, ["list"] = new[] { double.NaN, 2.5 } };
        object?[] numbers = [1.5, 7.0],
            withNaN = [double.NaN, 7.0];
        Assert.True(FilterEvaluator.Matches(new DocumentFilter.In("d", numbers), document));
        Assert.False(FilterEvaluator.Matches(new DocumentFilter.In("d", withNaN), document));
        Assert.False(FilterEvaluator.Matches(new DocumentFilter.In("d", numbers), none));
        Assert.True(FilterEvaluator.Matches(new DocumentFilter.In("d", withNaN), none));
        Assert.True(FilterEvaluator.Matches(new DocumentFilter.ContainsAny("list", numbers), document));
        Assert.False(FilterEvaluator.Matches(new DocumentFilter.ContainsAny("list", withNaN), document));
        Assert.False(FilterEvaluator.Matches(new DocumentFilter.ContainsAny("list", numbers), none));
        Assert.True(FilterEvaluator.Matches(new DocumentFilter.ContainsAny("list", withNaN), none));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_deletes_nothing()
    {
        using var directory = new TemporaryDirectory();
        await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(directory.Combine("db")));
        var books = await database.CreateCollectionAsync(TestCollections.Books);
        await books.UpsertAsync(TestCollections.Shelf);

        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => books.DeleteAsync(DocumentFilter.Less("year", 3000), cancelled));
        Assert.Equal(TestCollections.Shelf.Length, books.Count);
    }

    [Fact]
    public async Task A_reader_of_a_collection_refuses_to_patch_what_no_record_matches()
    {
        using var directory = new TemporaryDirectory();
        var options = TestCollections.Options(directory.Combine("db"));
        await using (var database = await SearchDatabase.OpenAsync(options))
            await (await database.CreateCollectionAsync(TestCollections.Books)).UpsertAsync(TestCollections.Shelf);
        await using var reader = await SearchDatabase.OpenAsync(options with { ReadOnly = true });
        var books = await reader.GetCollectionAsync(TestCollections.Books.Name);

        var nothing = DocumentFilter.Less("year", -5000);
        var changes = new Document("any") { ["year"] = 1 };
        foreach (var write in new Func<Task>[] { () => books.PatchAsync(nothing, changes), () => books.DeleteAsync(nothing) })
            Assert.Equal(SearchDatabaseError.ReadOnly, (await Assert.ThrowsAsync<SearchDatabaseException>(write)).Error);
    }

    [Fact]
    public async Task Who_listens_is_told_how_many_hits_a_search_had()
    {
        using var directory = new TemporaryDirectory();
        var name = $"told{Environment.ProcessId}";
        await using var database = await SearchDatabase.OpenAsync(TestCollections.Options(directory.Combine("db")));
        var books = await database.CreateCollectionAsync(TestCollections.Books with { Name = name });
        await books.UpsertAsync(TestCollections.Shelf);
        List<int> told = [];
        List<object?> tagged = [];
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == SearchDiagnostics.SourceName && instrument.Name == "db.client.response.returned_rows")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<int>(
            (_, value, tags, _) =>
            {
                if (tags.ToArray().Any(tag => Equals(tag.Value, name)))
                    told.Add(value);
            }
        );
        meters.Start();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == SearchDiagnostics.SourceName,
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (Equals(activity.GetTagItem("db.collection.name"), name) && activity.GetTagItem("db.response.returned_rows") is { } rows)
                    tagged.Add(rows);
            },
        };
        ActivitySource.AddActivityListener(activities);

        var hits = await books.SearchAsync(
            new SearchRequest
            {
                Text = "white whale",
                Mode = SearchMode.Keyword,
                Top = 2,
            }
        );
        Assert.NotEmpty(hits);
        Assert.Equal([hits.Count], told);
        Assert.Equal([hits.Count], tagged);
    }

    [Fact]
    public async Task The_vectors_of_some_thousand_passages_are_kept_and_the_oldest_go()
    {
        var generator = new CountingGenerator();
        var reranker = new EmbeddingReranker("counting", generator);
        async Task<int> AskedAsync(int first, int count)
        {
            generator.Asked = 0;
            await reranker.ScoreAsync("query", [.. Enumerable.Range(first, count).Select(i => $"passage {i}")]);
            // The query is asked each time.
            return generator.Asked - 1;
        }

        Assert.Equal(3_000, await AskedAsync(0, 3_000));
        Assert.Equal(0, await AskedAsync(0, 3_000));
        Assert.Equal(500, await AskedAsync(2_000, 1_500));
        Assert.Equal(8_192, await AskedAsync(10_000, 8_192));
        Assert.Equal(3_000, await AskedAsync(0, 3_000));
    }

    private sealed class CountingGenerator : IEmbeddingGenerator<string, Embedding<float>>
    {
        public int Asked { get; set; }

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values,
            EmbeddingGenerationOptions? options = null,
            CancellationToken cancellationToken = default
        )
        {
            var vectors = values.Select(_ => new Embedding<float>(new float[] { 1, 2 })).ToArray();
            Asked += vectors.Length;
            return Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(vectors));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() { }
    }
}
