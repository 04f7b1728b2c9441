using System.Text.Json;
using System.Text.Json.Serialization;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>
/// Calls to shards and their replies as JSON, by the collection's schema: documents, filters and batches in the forms that files and hosts
/// have (<see cref="DocumentJson"/>, <see cref="DocumentFilterJson"/>, <see cref="WriteBatchJson"/>), arrays of numbers in base 64.
/// Immutable; thread-safe.
/// </summary>
internal sealed class ShardWire
{
    /// <summary>First byte of a reply: what was asked for follows.</summary>
    private const byte Answered = 0;

    /// <summary>First byte of a reply: a <see cref="ShardRefusal"/> follows.</summary>
    private const byte Refused = 1;

    private readonly JsonSerializerOptions _json;

    public ShardWire(CollectionSchema schema)
    {
        Schema = schema;
        _json = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Converters =
            {
                new RecordKeyConverter(),
                new RecordVersionConverter(),
                new FilterConverter(schema),
                new DocumentConverter(schema),
                new ValueConverter(),
                new NumbersConverter<float>(),
                new VectorConverter(),
                new NumbersConverter<int>(),
            },
        };
    }

    public CollectionSchema Schema { get; }

    public ReadOnlyMemory<byte> Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, _json);

    /// <summary>A call's body, of any of the types of <see cref="ShardCalls"/>; none for null.</summary>
    public ReadOnlyMemory<byte> WriteCall(object? call) =>
        call is null ? default : JsonSerializer.SerializeToUtf8Bytes(call, call.GetType(), _json);

    public T Read<T>(ReadOnlyMemory<byte> bytes) => JsonSerializer.Deserialize<T>(bytes.Span, _json)!;

    /// <summary>A reply.</summary>
    public ReadOnlyMemory<byte> WriteReply<T>(T value) => Framed(Answered, value);

    /// <summary>A reply that says why there is none.</summary>
    public ReadOnlyMemory<byte> WriteRefusal(ShardRefusal refusal) => Framed(Refused, refusal);

    /// <summary>What a reply says.</summary>
    /// <exception cref="ArgumentException">The call was refused.</exception>
    /// <exception cref="SearchDatabaseException">Likewise.</exception>
    public T ReadReply<T>(ReadOnlyMemory<byte> reply)
    {
        if (reply.IsEmpty || reply.Span[0] > Refused)
            throw new ShardUnreachableException("A reply is none that this build knows: the other side is of another version.");
        return reply.Span[0] == Answered ? Read<T>(reply[1..]) : throw Read<ShardRefusal>(reply[1..]).ToException(Schema.Name);
    }

    private ReadOnlyMemory<byte> Framed<T>(byte kind, T value)
    {
        using var buffer = new MemoryStream();
        buffer.WriteByte(kind);
        JsonSerializer.Serialize(buffer, value, _json);
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }
}
