using System.Buffers;
using System.Buffers.Binary;
using SearchEngine.Storage;

namespace SearchEngine.Reading;

/// <summary>
/// Reads records by ordinal. A record never changes: an update is a new ordinal. The caller has entered a moment in which the ordinal is
/// visible, which keeps it there; one that is not there all the same is damage. Thread-safe.
/// </summary>
internal sealed class RecordReader(
    CollectionSchema schema,
    RecordStore records,
    IReadOnlyList<VectorFieldIndex> vectors,
    CollectionErrors errors
)
{
    private const int MaxKeptBuffer = 1 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    /// <summary>The record. Vectors cost one more read each.</summary>
    /// <exception cref="SearchDatabaseException">It is damaged, missing, or cannot be read.</exception>
    public Document Read(int ordinal, bool includeVectors)
    {
        try
        {
            var document = DocumentCodec.Read(schema, Bytes(ordinal));
            if (t_buffer!.Capacity > MaxKeptBuffer)
                t_buffer = null;
            if (!includeVectors)
                return document;
            foreach (var vector in vectors)
            {
                var components = new float[vector.Field.Dimension];
                if (vector.TryRead(ordinal, components))
                    document.Vectors[vector.Field.Name] = components;
            }

            return document;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw errors.Damaged(ordinal, $"is damaged: {e.Message}", e);
        }
        catch (StorageException e)
        {
            throw errors.Unreadable(e);
        }
    }

    /// <summary>The record's key and version alone.</summary>
    /// <exception cref="SearchDatabaseException">As <see cref="Read"/>.</exception>
    public (RecordKey Key, RecordVersion Version) ReadHead(int ordinal)
    {
        try
        {
            var bytes = Bytes(ordinal);
            return (RecordKey.Decode(DocumentCodec.ReadKey(bytes)), DocumentCodec.ReadVersion(bytes));
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw errors.Damaged(ordinal, $"is damaged: {e.Message}", e);
        }
        catch (StorageException e)
        {
            throw errors.Unreadable(e);
        }
    }

    /// <summary>The record's vector of a field; null where it has none.</summary>
    public float[]? ReadVector(int ordinal, int position)
    {
        try
        {
            var components = new float[vectors[position].Field.Dimension];
            return vectors[position].TryRead(ordinal, components) ? components : null;
        }
        catch (StorageException e)
        {
            throw errors.Unreadable(e);
        }
    }

    /// <summary>The values of a document in the schema's order.</summary>
    public object?[] Values(Document document) => [.. schema.Fields.Select(field => document[field.Name])];

    private static bool IsDamage(Exception e) => e is FormatException or StorageCorruptionException;

    private ReadOnlySpan<byte> Bytes(int ordinal)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, ordinal);
        var buffer = t_buffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        return records.TryRead(RecordSpaces.Record, key, buffer) ? buffer.WrittenSpan : throw errors.Damaged(ordinal, "is missing.");
    }
}
