using Xunit;

namespace SearchEngine.Tests.Documents;

public class FieldValuesTests
{
    public static TheoryData<DataFieldType, object, object> Scalars() =>
        new()
        {
            { DataFieldType.String, "naïve 漢字 😀", "naïve 漢字 😀" },
            { DataFieldType.Boolean, true, true },
            { DataFieldType.Byte, (byte)200, (byte)200 },
            { DataFieldType.Int16, short.MinValue, short.MinValue },
            { DataFieldType.Int32, int.MinValue, int.MinValue },
            { DataFieldType.Int64, 5, 5L },
            { DataFieldType.Single, float.Epsilon, float.Epsilon },
            { DataFieldType.Double, 1.5f, 1.5 },
            { DataFieldType.Decimal, 79228162514264337593543950335m, 79228162514264337593543950335m },
            {
                DataFieldType.DateTime,
                new DateTime(2020, 2, 29, 1, 2, 3, DateTimeKind.Utc),
                new DateTime(2020, 2, 29, 1, 2, 3, DateTimeKind.Utc)
            },
            {
                DataFieldType.DateTimeOffset,
                new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-150)),
                new DateTimeOffset(2020, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-150))
            },
            { DataFieldType.DateOnly, new DateOnly(1999, 12, 31), new DateOnly(1999, 12, 31) },
            { DataFieldType.TimeOnly, new TimeOnly(23, 59, 58, 997), new TimeOnly(23, 59, 58, 997) },
            { DataFieldType.Guid, Guid.Parse("6f9619ff-8b86-d011-b42d-00cf4fc964ff"), Guid.Parse("6f9619ff-8b86-d011-b42d-00cf4fc964ff") },
            { DataFieldType.Bytes, new byte[] { 0, 255, 7 }, new byte[] { 0, 255, 7 } },
        };

    [Theory]
    [MemberData(nameof(Scalars))]
    public void A_value_comes_back_as_it_was_stored(DataFieldType type, object given, object expected)
    {
        var field = new DataField("f", type);
        var back = RoundTrip(field, given);
        Assert.Equal(expected, back);
        if (back is DateTime time)
            Assert.Equal(((DateTime)expected).Kind, time.Kind);
        if (back is DateTimeOffset offset)
            Assert.Equal(((DateTimeOffset)expected).Offset, offset.Offset);
    }

    [Fact]
    public void Null_comes_back_as_null() => Assert.Null(RoundTrip(new DataField("f", DataFieldType.Int32), null));

    [Fact]
    public void A_list_of_strings_keeps_nulls_and_order() =>
        Assert.Equal(
            new string?[] { "b", null, "a" },
            RoundTrip(new DataField("f", DataFieldType.String) { IsList = true }, new List<string?> { "b", null, "a" })
        );

    [Fact]
    public void A_list_of_numbers_is_widened_element_by_element() =>
        Assert.Equal(new long[] { 1, -2 }, RoundTrip(new DataField("f", DataFieldType.Int64) { IsList = true }, new[] { 1, -2 }));

    [Theory]
    [InlineData(DataFieldType.Int32, 4_000_000_000L)]
    [InlineData(DataFieldType.Int32, 1.5)]
    [InlineData(DataFieldType.String, 3)]
    [InlineData(DataFieldType.Single, 0.1)]
    [InlineData(DataFieldType.Boolean, "true")]
    public void A_value_that_does_not_fit_is_refused_by_field_name(DataFieldType type, object value)
    {
        var error = Assert.Throws<ArgumentException>(() => FieldValues.Normalize(new DataField("price", type), value));
        Assert.Contains("'price'", error.Message);
    }

    [Fact]
    public void A_scalar_for_a_list_field_is_refused() =>
        Assert.Throws<ArgumentException>(() => FieldValues.Normalize(new DataField("tags", DataFieldType.String) { IsList = true }, "one"));

    [Fact]
    public void Every_cut_of_a_record_is_refused_and_never_read_past_its_end()
    {
        var schema = new CollectionSchema
        {
            Name = "c",
            Fields = [new DataField("a", DataFieldType.String), new DataField("b", DataFieldType.Int32) { IsList = true }],
        };
        var writer = new ByteWriter();
        DocumentCodec.Write(writer, schema, RecordKey.From("key").Encode(), ["text", new[] { 1, 2, 3 }]);
        var whole = writer.ToArray();
        Assert.Equal("text", DocumentCodec.Read(schema, whole)["a"]);
        for (var length = 0; length < whole.Length; length++)
            Assert.ThrowsAny<FormatException>(() => DocumentCodec.Read(schema, whole.AsSpan(0, length)));
    }

    private static object? RoundTrip(DataField field, object? value)
    {
        var writer = new ByteWriter();
        FieldValues.Write(writer, field, FieldValues.Normalize(field, value));
        var reader = new ByteReader(writer.Written);
        var back = FieldValues.Read(ref reader, field);
        Assert.True(reader.AtEnd);
        return back;
    }
}
