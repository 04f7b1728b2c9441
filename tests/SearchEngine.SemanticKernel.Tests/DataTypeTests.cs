using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>
/// Each type as value, nullable, array and list: stored, read back typed and dynamically, filtered by equality, by null, with and without
/// an index.
/// </summary>
public sealed class DataTypeTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public Task Byte() => CheckValue<byte>(8, byte.MaxValue);

    [Fact]
    public Task SByte() => CheckValue<sbyte>(-8, sbyte.MinValue);

    [Fact]
    public Task Short() => CheckValue<short>(-8, short.MaxValue);

    [Fact]
    public Task UShort() => CheckValue<ushort>(8, ushort.MaxValue);

    [Fact]
    public Task Int() => CheckValue(8, int.MinValue);

    [Fact]
    public Task UInt() => CheckValue(8u, uint.MaxValue);

    [Fact]
    public Task Long() => CheckValue(8L, long.MaxValue);

    [Fact]
    public Task Float() => CheckValue(8.5f, float.Epsilon);

    [Fact]
    public Task Double() => CheckValue(8.5, double.MaxValue);

    [Fact]
    public Task Decimal() => CheckValue(8.50m, decimal.MaxValue);

    [Fact]
    public Task Bool() => CheckValue(true, false);

    [Fact]
    public Task Guid() => CheckValue(new Guid("603840bf-cf91-4521-8b8e-8b6a2e75910a"), System.Guid.Empty);

    [Fact]
    public Task DateTime() =>
        CheckValue(new DateTime(2020, 1, 1, 12, 30, 45), new DateTime(2021, 2, 3, 13, 40, 55, DateTimeKind.Utc).AddTicks(7));

    [Fact]
    public Task DateTimeOffset() =>
        CheckValue(
            new DateTimeOffset(2020, 1, 1, 12, 30, 45, TimeSpan.FromHours(2)),
            new DateTimeOffset(2021, 2, 3, 13, 40, 55, TimeSpan.FromHours(-3))
        );

    [Fact]
    public Task DateOnly() => CheckValue(new DateOnly(2020, 1, 1), System.DateOnly.MaxValue);

    [Fact]
    public Task TimeOnly() => CheckValue(new TimeOnly(12, 30, 45), System.TimeOnly.MinValue);

    [Fact]
    public Task Enum() => CheckValue(DayOfWeek.Friday, DayOfWeek.Sunday);

    [Fact]
    public async Task String()
    {
        await CheckReference("foo", "bar");
        await CheckReference("", "x\0y \"quoted\" ☃ 𝄞");
        await CheckReference(new[] { "foo", "bar" }, ["foo", "baz"]);
        await CheckReference(new List<string> { "foo" }, []);
    }

    [Fact]
    public async Task Bytes_are_kept_and_not_filtered()
    {
        var collection = await CreateAsync<byte[]>(true, [1, 2, 255], []);
        Assert.Equal([1, 2, 255], (await collection.GetAsync("main"))!.Value!);
        Assert.Empty((await collection.GetAsync("other"))!.Value!);
    }

    [Fact]
    public async Task Collection_interfaces_and_sets_are_read_as_such()
    {
        Assert.Equal(["b", "a"], (await RoundTrip<IReadOnlyList<string>>(["b", "a"]))!);
        Assert.Equal([1, 2], (await RoundTrip<IEnumerable<int>>([1, 2]))!);
        Assert.Equal([1.5], (await RoundTrip<ICollection<double>>([1.5]))!);
        Assert.Equal(new HashSet<string> { "x", "y" }, (await RoundTrip<HashSet<string>>(["x", "y"]))!);
        Assert.Null(await RoundTrip<string[]>(null));
    }

    [Fact]
    public void Unsupported_types_are_refused_by_name()
    {
        Assert.Contains(
            "Uri",
            Assert.Throws<NotSupportedException>(() => fixture.Store.GetCollection<string, Holder<Uri>>("x", Define<Uri>(true))).Message
        );
        Assert.Throws<NotSupportedException>(() => fixture.Store.GetCollection<string, Holder<string[][]>>("x", Define<string[][]>(true)));
        Assert.Throws<NotSupportedException>(() =>
            fixture.Store.GetCollection<string, Holder<Dictionary<string, string>>>("x", Define<Dictionary<string, string>>(true))
        );
    }

    private static VectorStoreCollectionDefinition Define<T>(bool indexed) =>
        new()
        {
            Properties =
            [
                new VectorStoreKeyProperty("Key", typeof(string)),
                new VectorStoreDataProperty("Value", typeof(T)) { IsIndexed = indexed },
                new VectorStoreVectorProperty("Vector", typeof(float[]), 2),
            ],
        };

    private async Task CheckValue<T>(T main, T other)
        where T : struct
    {
        await Check<T>(main, other);
        await Check<T?>(main, other);
        await Check<T[]>([main, other], [other]);
        await Check<List<T>>([main], [other, main]);
    }

    private async Task CheckReference<T>(T main, T other)
        where T : class => await Check<T>(main, other);

    private async Task Check<T>(T main, T other)
    {
        foreach (var indexed in new[] { true, false })
        {
            var collection = await CreateAsync(indexed, main, other);
            Assert.Equal(main, (await collection.GetAsync("main"))!.Value);
            Assert.Equal(other, (await collection.GetAsync("other"))!.Value);
            await CheckFilter(collection, main, "main");
            var dynamic = fixture.Store.GetDynamicCollection(collection.Name, Define<T>(indexed));
            Assert.Equal(main, Assert.IsType<T>((await dynamic.GetAsync("main"))!["Value"], exactMatch: false));
            if (default(T) is null)
            {
                await CheckFilter(collection, default!, "none");
                Assert.Null((await dynamic.GetAsync("none"))!["Value"]);
            }

            await dynamic.UpsertAsync(
                new Dictionary<string, object?>
                {
                    ["Key"] = "dynamic",
                    ["Value"] = other,
                    ["Vector"] = new float[] { 1, 1 },
                }
            );
            Assert.Equal(other, (await collection.GetAsync("dynamic"))!.Value);
        }
    }

    private static async Task CheckFilter<T>(SearchEngineCollection<string, Holder<T>> collection, T value, string expected)
    {
        var record = Expression.Parameter(typeof(Holder<T>), "r");
        var property = Expression.Property(record, nameof(Holder<T>.Value));
        var constant = Expression.Constant(value, typeof(T));

        // A comparison of enums is one of their numbers, as the compiler writes it.
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        var equal = type.IsEnum
            ? Expression.Equal(Expression.Convert(property, Widen(typeof(T))), Expression.Convert(constant, Widen(typeof(T))))
            : Expression.Equal(property, constant);
        var filter = Expression.Lambda<Func<Holder<T>, bool>>(equal, record);
        Assert.Equal([expected], await collection.GetAsync(filter, 10).Select(r => r.Key).ToListAsync());
        Assert.Equal(
            [expected],
            await collection.SearchAsync(new float[] { 1, 2 }, 10, new() { Filter = filter }).Select(r => r.Record.Key).ToListAsync()
        );

        static Type Widen(Type type) => Nullable.GetUnderlyingType(type) is null ? typeof(int) : typeof(int?);
    }

    private async Task<SearchEngineCollection<string, Holder<T>>> CreateAsync<T>(bool indexed, T main, T other)
    {
        List<Holder<T>> records = [new() { Key = "main", Value = main }, new() { Key = "other", Value = other }];
        if (default(T) is null)
            records.Add(new Holder<T> { Key = "none", Value = default! });
        return await fixture.CreateDefinedAsync<string, Holder<T>>(Define<T>(indexed), records);
    }

    private async Task<T?> RoundTrip<T>(T? value)
    {
        var collection = await fixture.CreateDefinedAsync<string, Holder<T?>>(
            Define<T>(false),
            [new Holder<T?> { Key = "k", Value = value }]
        );
        return (await collection.GetAsync("k"))!.Value;
    }

    public sealed class Holder<T>
    {
        public string Key { get; set; } = "";

        public T Value { get; set; } = default!;

        public float[] Vector { get; set; } = [1, 2];
    }
}
