using System.Buffers.Binary;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>
/// The stored form of a record: format version, record version (since format 2), key, then the schema's data fields in order. The schema
/// of a collection never loses or reorders fields, so a record needs no field names.
/// </summary>
internal static class DocumentCodec
{
    public const byte FormatVersion = 2;

    /// <summary>The format without record versions.</summary>
    private const byte UnversionedFormat = 1;

    private const int VersionOffset = 1;

    /// <summary>
    /// Appends the record of a key with already normalized values, in the schema's order. Its version is set by <see cref="SetVersion"/>.
    /// </summary>
    public static void Write(ByteWriter writer, CollectionSchema schema, ReadOnlySpan<byte> key, object?[] values)
    {
        writer.Byte(FormatVersion);
        writer.Int64(0);
        writer.Bytes(key);
        writer.VarInt((uint)values.Length);
        for (var i = 0; i < values.Length; i++)
            FieldValues.Write(writer, schema.Fields[i], values[i]);
    }

    /// <summary>Sets the version of a record that <see cref="Write"/> made: it is known only when the record's batch is logged.</summary>
    public static void SetVersion(Span<byte> record, RecordVersion version) =>
        BinaryPrimitives.WriteUInt64LittleEndian(record[VersionOffset..], version.Number);

    /// <summary>Reads a record into a document.</summary>
    /// <exception cref="FormatException">The bytes are no record of this schema.</exception>
    /// <exception cref="UnsupportedFormatVersionException">A newer build wrote it.</exception>
    public static Document Read(CollectionSchema schema, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var version = ReadVersion(ref reader);
        var document = new Document(RecordKey.Decode(reader.Bytes())) { Version = version };
        var count = reader.Count();
        if (count > schema.Fields.Count)
            throw new FormatException($"A stored record has {count} fields, its schema {schema.Fields.Count}.");
        for (var i = 0; i < schema.Fields.Count; i++)
            document.Fields[schema.Fields[i].Name] = i < count ? FieldValues.Read(ref reader, schema.Fields[i]) : null;
        return document;
    }

    /// <summary>The encoded key of a stored record.</summary>
    public static ReadOnlySpan<byte> ReadKey(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        ReadVersion(ref reader);
        return reader.Bytes();
    }

    /// <summary>The version of a stored record.</summary>
    public static RecordVersion ReadVersion(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        return ReadVersion(ref reader);
    }

    private static RecordVersion ReadVersion(scoped ref ByteReader reader)
    {
        var format = reader.Byte();
        return format switch
        {
            FormatVersion => RecordVersion.OfNumber((ulong)reader.Int64()),
            UnversionedFormat => RecordVersion.Unversioned,
            > FormatVersion => throw UnsupportedFormatVersionException.OfContent("A stored record", format, FormatVersion),
            _ => throw new FormatException($"A stored record has format version {format}; this build reads up to {FormatVersion}."),
        };
    }
}
