using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>
/// The stored form of a record: version, key, then the schema's data fields in order. The schema of a collection never loses
/// or reorders fields, so a record needs no field names.
/// </summary>
internal static class DocumentCodec
{
    public const byte FormatVersion = 1;

    /// <summary>Appends the record of a key with already normalized values, in the schema's order.</summary>
    public static void Write(ByteWriter writer, CollectionSchema schema, ReadOnlySpan<byte> key, object?[] values)
    {
        writer.Byte(FormatVersion);
        writer.Bytes(key);
        writer.VarInt((uint)values.Length);
        for (var i = 0; i < values.Length; i++) FieldValues.Write(writer, schema.Fields[i], values[i]);
    }

    /// <summary>Reads a record into a document.</summary>
    /// <exception cref="FormatException">The bytes are no record of this schema.</exception>
    /// <exception cref="UnsupportedFormatVersionException">A newer build wrote it.</exception>
    public static Document Read(CollectionSchema schema, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var key = RecordKey.Decode(ReadKey(ref reader));
        var document = new Document(key);
        var count = reader.Count();
        if (count > schema.Fields.Count) throw new FormatException($"A stored record has {count} fields, its schema {schema.Fields.Count}.");
        for (var i = 0; i < schema.Fields.Count; i++)
            document.Fields[schema.Fields[i].Name] = i < count ? FieldValues.Read(ref reader, schema.Fields[i]) : null;
        return document;
    }

    /// <summary>The encoded key of a stored record.</summary>
    public static ReadOnlySpan<byte> ReadKey(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        return ReadKey(ref reader);
    }

    private static ReadOnlySpan<byte> ReadKey(scoped ref ByteReader reader)
    {
        var version = reader.Byte();
        if (version > FormatVersion) throw UnsupportedFormatVersionException.OfContent("A stored record", version, FormatVersion);
        if (version != FormatVersion) throw new FormatException($"A stored record has format version {version}; this build reads {FormatVersion}.");
        return reader.Bytes();
    }
}
