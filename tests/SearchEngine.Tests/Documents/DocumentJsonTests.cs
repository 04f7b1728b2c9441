using System.Globalization;
using System.Text.Json;
using Xunit;

namespace SearchEngine.Tests.Documents;

/// <summary>What the web host's serializer writes, an import reads: there is one form of a document in JSON.</summary>
public sealed class DocumentJsonTests
{
    public static TheoryData<DataFieldType, object> Values() =>
        new()
        {
            { DataFieldType.DateTime, new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Utc) },
            { DataFieldType.DateTime, new DateTime(2024, 1, 2, 3, 4, 5, DateTimeKind.Unspecified).AddTicks(1) },
            { DataFieldType.DateTimeOffset, new DateTimeOffset(2024, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-90)) },
            { DataFieldType.DateOnly, new DateOnly(2024, 2, 29) },
            { DataFieldType.TimeOnly, new TimeOnly(23, 59, 0) },
            { DataFieldType.TimeOnly, new TimeOnly(1, 2, 3).Add(TimeSpan.FromTicks(7)) },
            { DataFieldType.Guid, new Guid("00112233-4455-6677-8899-aabbccddeeff") },
            { DataFieldType.Single, 0.1f },
            { DataFieldType.Decimal, 1.10m },
        };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_of_the_serializer_is_read_back(DataFieldType type, object value)
    {
        var field = new DataField("field", type);
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(value));
        var read = DocumentJson.Read(json.RootElement, field);
        Assert.Equal(value, read);
        if (value is DateTime time)
            Assert.Equal(time.Kind, ((DateTime)read!).Kind);
    }

    [Fact]
    public void What_does_not_fit_is_refused_by_the_fields_name()
    {
        using var json = JsonDocument.Parse("[\"x\"]");
        Assert.Contains(
            "'number'",
            Assert
                .Throws<ArgumentException>(() => DocumentJson.Read(json.RootElement[0], new DataField("number", DataFieldType.Int32)))
                .Message
        );
        Assert.Contains(
            "'list' takes a list of",
            Assert
                .Throws<ArgumentException>(() =>
                    DocumentJson.Read(json.RootElement[0], new DataField("list", DataFieldType.String) { IsList = true })
                )
                .Message
        );
        Assert.Equal(
            double.NaN,
            DocumentJson.ReadScalar(JsonDocument.Parse("\"NaN\"").RootElement, new DataField("d", DataFieldType.Double))
        );
        Assert.Equal(5L, DocumentJson.ParseKey(5.ToString(CultureInfo.InvariantCulture), RecordKeyKind.Int64).Value);
    }
}
