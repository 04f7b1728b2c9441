using System.Buffers;
using System.Text.Json;

namespace SearchEngine.Distributed.Routing.Wire;

/// <summary>
/// An entry of a shard's log: a format byte, then JSON: a batch as <see cref="WriteBatchJson"/> has it, or a filter with what happens to
/// the records that match when the entry is applied. Exactly one of batch and filter is there.
/// </summary>
/// <param name="Batch">The operations.</param>
/// <param name="Filter">Which records are deleted or changed.</param>
/// <param name="Changes">What is changed in them; null where they are deleted. Its key is any.</param>
internal sealed record ShardEntry(WriteBatch? Batch, DocumentFilter? Filter = null, Document? Changes = null)
{
    /// <summary>The format that this build writes, and the newest that it reads.</summary>
    public const byte FormatVersion = 1;

    public ReadOnlyMemory<byte> Write(CollectionSchema schema)
    {
        var bytes = new ArrayBufferWriter<byte>();
        bytes.Write([FormatVersion]);
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            if (Batch is not null)
            {
                json.WritePropertyName("batch");
                WriteBatchJson.Write(json, Batch, schema);
            }
            else
            {
                json.WritePropertyName("filter");
                DocumentFilterJson.Write(json, Filter!);
                if (Changes is not null)
                {
                    json.WritePropertyName("changes");
                    WriteBatchJson.Write(json, new WriteBatch().Patch(Changes), schema);
                }
            }

            json.WriteEndObject();
        }

        return bytes.WrittenMemory;
    }

    /// <exception cref="ArgumentException">It is none, or of a newer build.</exception>
    public static ShardEntry Read(ReadOnlyMemory<byte> bytes, CollectionSchema schema)
    {
        if (bytes.IsEmpty || bytes.Span[0] != FormatVersion)
        {
            throw new ArgumentException(
                $"An entry of the log of collection '{schema.Name}' has format {(bytes.IsEmpty ? 0 : bytes.Span[0])}; this build knows {FormatVersion}: use a newer build."
            );
        }
        using var json = JsonDocument.Parse(bytes[1..]);
        var entry = json.RootElement;
        if (entry.TryGetProperty("batch", out var batch))
            return new ShardEntry(WriteBatchJson.Read(batch, schema));
        var filter = DocumentFilterJson.Read(entry.GetProperty("filter"), schema);
        return entry.TryGetProperty("changes", out var changes)
            ? new ShardEntry(null, filter, WriteBatchJson.ReadDocument(changes[0].GetProperty("patch"), schema))
            : new ShardEntry(null, filter);
    }
}
