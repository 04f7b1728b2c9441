using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class EmbeddingGenerationTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Theory]
    [InlineData(true, true, true, "property")]
    [InlineData(true, true, false, "definition")]
    [InlineData(true, false, false, "store")]
    public async Task The_nearest_generator_embeds_queries(bool store, bool definition, bool property, string expected)
    {
        var name = await FillAsync();
        var typed = fixture
            .NewStore(store ? new LiteralGenerator(1) : null)
            .GetCollection<Guid, Note>(name, Define(definition ? 2 : null, property ? 3 : null));
        Assert.Equal(expected, (await typed.SearchAsync("[1, 1, 0]", 1).SingleAsync()).Record.Text);
        var dynamic = fixture
            .NewStore(store ? new LiteralGenerator(1) : null)
            .GetDynamicCollection(name, Define(definition ? 2 : null, property ? 3 : null));
        Assert.Equal(expected, (await dynamic.SearchAsync("[1, 1, 0]", 1).SingleAsync()).Record["Text"]);
    }

    [Fact]
    public async Task Texts_are_embedded_at_upsert_in_batches()
    {
        var generator = new LiteralGenerator();
        var collection = fixture.NewStore(generator).GetCollection<Guid, Note>(fixture.NewName());
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync(Enumerable.Range(1, 1500).Select(i => new Note { Text = $"n{i}", Embedding = $"[{i},1,1]" }));
        Assert.Equal([1024, 476], generator.BatchSizes);
        Assert.Equal(1500, await collection.CountAsync());
        Assert.Null((await collection.SearchAsync(new ReadOnlyMemory<float>([7, 1, 1]), 1).SingleAsync()).Record.Embedding);
        Assert.Equal("n7", (await collection.SearchAsync(new ReadOnlyMemory<float>([7, 1, 1]), 1).SingleAsync()).Record.Text);
    }

    [Fact]
    public async Task Null_and_empty_texts_are_stored_without_a_vector()
    {
        var collection = fixture.NewStore(new LiteralGenerator()).GetCollection<Guid, Note>(fixture.NewName());
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync([
            new() { Text = "a" },
            new() { Text = "b", Embedding = "" },
            new() { Text = "c", Embedding = "[1,2,3]" },
        ]);
        Assert.Equal(3, await collection.CountAsync());
        Assert.Equal(["c"], await collection.SearchAsync("[1,2,3]", 5).Select(r => r.Record.Text).ToListAsync());
    }

    [Fact]
    public async Task Vectors_that_a_generator_made_cannot_be_asked_for()
    {
        var name = await FillAsync();
        var collection = fixture.Store.GetCollection<Guid, Note>(name, Define(null, 3));
        Func<Task>[] reads =
        [
            () => collection.SearchAsync("[1,2,3]", 1, new() { IncludeVectors = true }).ToListAsync().AsTask(),
            () => collection.GetAsync(Guid.NewGuid(), new() { IncludeVectors = true }),
            () => collection.GetAsync([Guid.NewGuid()], new() { IncludeVectors = true }).ToListAsync().AsTask(),
            () => collection.GetAsync(r => true, 1, new() { IncludeVectors = true }).ToListAsync().AsTask(),
        ];
        foreach (var read in reads)
        {
            var exception = await Assert.ThrowsAsync<NotSupportedException>(read);
            Assert.Equal("When an embedding generator is configured, `Include Vectors` cannot be enabled.", exception.Message);
        }
    }

    [Fact]
    public async Task A_text_query_without_a_generator_is_refused()
    {
        var collection = fixture.Store.GetCollection<string, Item>("without-generator");
        var exception = await Assert.ThrowsAsync<NotSupportedException>(() => collection.SearchAsync("foo", 1).ToListAsync().AsTask());
        Assert.StartsWith(
            "A value of type 'string' was passed to 'SearchAsync', but that isn't a supported vector type",
            exception.Message
        );
        Assert.Throws<InvalidOperationException>(() => fixture.Store.GetCollection<Guid, Note>("x"));
    }

    [Fact]
    public async Task A_query_of_another_type_than_the_generators_is_refused()
    {
        var collection = fixture.Store.GetCollection<Guid, Note>(await FillAsync(), Define(null, 3));
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => collection.SearchAsync(8, 1).ToListAsync().AsTask());
        Assert.Equal(
            "An input of type 'int' was provided, but an incompatible embedding generator of type 'LiteralGenerator' was configured.",
            exception.Message
        );
    }

    [Fact]
    public async Task Vector_properties_take_text_queries_with_a_generator()
    {
        var source = await fixture.CreateAsync<string, Item>(Item.Make(1), Item.Make(9));
        var collection = fixture.NewStore(new LiteralGenerator()).GetCollection<string, Item>(source.Name);
        Assert.Equal("k9", (await collection.SearchAsync("[1,2,11]", 1, new() { IncludeVectors = true }).SingleAsync()).Record.Id);
    }

    [Fact]
    public async Task Any_input_type_can_be_embedded()
    {
        var store = fixture.NewStore(new PointGenerator());
        var definition = new VectorStoreCollectionDefinition
        {
            Properties =
            [
                new VectorStoreKeyProperty("Id", typeof(Guid)),
                new VectorStoreVectorProperty<Point>("Place", 2) { DistanceFunction = DistanceFunction.EuclideanDistance },
            ],
        };
        var collection = store.GetCollection<Guid, Landmark>(fixture.NewName(), definition);
        await collection.EnsureCollectionExistsAsync();
        Landmark near = new() { Place = new Point(1, 1) },
            far = new() { Place = new Point(9, 9) };
        await collection.UpsertAsync([near, far]);
        var hit = await collection.SearchAsync(new Point(1, 2), 1).SingleAsync();
        Assert.Equal(near.Id, hit.Record.Id);
        Assert.Equal(1, hit.Score!.Value, 1e-6);
    }

    [Fact]
    public async Task Queries_have_a_generator_of_their_own()
    {
        var name = await FillAsync();
        var documents = new LiteralGenerator(1);
        var queries = new LiteralGenerator(3);
        var collection = fixture.NewStore(documents, queries).GetCollection<Guid, Note>(name);
        Assert.Equal("property", (await collection.SearchAsync("[1,1,0]", 1).SingleAsync()).Record.Text);
        Assert.Equal((0, 1), (documents.Calls, queries.Calls));
        await collection.UpsertAsync(new Note { Embedding = "[5,5,5]" });
        Assert.Equal((1, 1), (documents.Calls, queries.Calls));
    }

    [Fact]
    public async Task A_property_with_a_generator_of_its_own_does_not_take_the_stores_query_generator()
    {
        var name = await FillAsync();
        var queries = new LiteralGenerator(1);
        var collection = fixture.NewStore(new LiteralGenerator(1), queries).GetCollection<Guid, Note>(name, Define(null, 3));
        Assert.Equal("property", (await collection.SearchAsync("[1,1,0]", 1).SingleAsync()).Record.Text);
        Assert.Equal(0, queries.Calls);

        var definition = Define(null, 1);
        definition.Properties.OfType<VectorStoreVectorProperty>().Single().WithQueryEmbeddingGenerator(new LiteralGenerator(2));
        Assert.Equal(
            "definition",
            (await fixture.Store.GetCollection<Guid, Note>(name, definition).SearchAsync("[1,1,0]", 1).SingleAsync()).Record.Text
        );
    }

    [Fact]
    public async Task A_generator_of_another_model_is_refused()
    {
        var name = fixture.NewName();
        var first = fixture.NewStore(new LiteralGenerator(modelId: "model-a")).GetCollection<Guid, Note>(name);
        await first.EnsureCollectionExistsAsync();
        await first.UpsertAsync(new Note { Embedding = "[1,2,3]" });
        var second = fixture.NewStore(new LiteralGenerator(modelId: "model-b")).GetCollection<Guid, Note>(name);
        Func<Task>[] operations =
        [
            () => second.EnsureCollectionExistsAsync(),
            () => second.UpsertAsync(new Note { Embedding = "[1,2,3]" }),
            () => second.SearchAsync("[1,2,3]", 1).ToListAsync().AsTask(),
        ];
        foreach (var operation in operations)
        {
            var exception = await Assert.ThrowsAsync<VectorStoreException>(operation);
            Assert.Contains("model-a", exception.Message);
            Assert.Contains("model-b", exception.Message);
        }

        await fixture.NewStore(new LiteralGenerator()).GetCollection<Guid, Note>(name).UpsertAsync(new Note { Embedding = "[1,2,3]" });
    }

    private static VectorStoreCollectionDefinition Define(float? definition, float? property) =>
        new()
        {
            EmbeddingGenerator = definition is { } d ? new LiteralGenerator(d) : null,
            Properties =
            [
                new VectorStoreKeyProperty("Id", typeof(Guid)),
                new VectorStoreDataProperty("Text", typeof(string)),
                new VectorStoreVectorProperty("Embedding", typeof(string), 3)
                {
                    EmbeddingGenerator = property is { } p ? new LiteralGenerator(p) : null,
                },
            ],
        };

    private async Task<string> FillAsync()
    {
        var collection = fixture.NewStore(new LiteralGenerator()).GetCollection<Guid, Note>(fixture.NewName());
        await collection.EnsureCollectionExistsAsync();
        await collection.UpsertAsync([
            new() { Text = "store", Embedding = "[1,1,1]" },
            new() { Text = "definition", Embedding = "[1,1,2]" },
            new() { Text = "property", Embedding = "[1,1,3]" },
        ]);
        return collection.Name;
    }

    public sealed record Point(float X, float Y);

    public sealed class Landmark
    {
        public Guid Id { get; set; }

        public Point? Place { get; set; }
    }

    private sealed class PointGenerator : IEmbeddingGenerator<Point, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<Point> values,
            EmbeddingGenerationOptions? options = null,
            CancellationToken cancellationToken = default
        ) => Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(p => new Embedding<float>(new[] { p.X, p.Y }))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() { }
    }
}
