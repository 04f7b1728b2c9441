using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>One operation as the write log holds it: ordinals are already assigned, so that a replay gives the same collection.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Key">The encoded key (not for metadata).</param>
/// <param name="Ordinal">The new record's ordinal (upsert).</param>
/// <param name="Previous">The ordinal that the key had before; -1 for none.</param>
/// <param name="Record">The encoded record (upsert).</param>
/// <param name="Vectors">Vectors by vector field; null entries where the record has none (upsert).</param>
/// <param name="MetadataName">The name (metadata).</param>
/// <param name="MetadataValue">The value; null removes it (metadata).</param>
internal sealed record LogOperation(
    WriteOperationKind Kind,
    byte[] Key,
    int Ordinal,
    int Previous,
    byte[] Record,
    float[]?[] Vectors,
    string? MetadataName,
    string? MetadataValue
);

/// <summary>
/// The write log's entries. A batch is one blob, cut into pieces: a 17-byte header (version, batch number,
/// piece, pieces) and a part of the blob. A batch whose last piece is not in the log was never acknowledged and is not replayed.
/// </summary>
internal static class LogBatchCodec
{
    public const byte FormatVersion = 1;

    public const int HeaderBytes = 17;

    /// <summary>
    /// A quarter of a megabyte: far above a record, small enough that a large batch reaches the disk while the rest of it is appended.
    /// </summary>
    public const int PieceBytes = 256 << 10;

    public static void Write(ByteWriter writer, IReadOnlyList<LogOperation> operations)
    {
        writer.VarInt((uint)operations.Count);
        foreach (var operation in operations)
        {
            writer.Byte((byte)operation.Kind);
            switch (operation.Kind)
            {
                case WriteOperationKind.Upsert:
                    writer.Bytes(operation.Key);
                    writer.Int32(operation.Ordinal);
                    writer.Int32(operation.Previous);
                    writer.Bytes(operation.Record);
                    writer.VarInt((uint)operation.Vectors.Length);
                    foreach (var vector in operation.Vectors)
                        writer.Bytes(vector is null ? [] : MemoryMarshal.AsBytes<float>(vector));
                    break;
                case WriteOperationKind.Delete:
                    writer.Bytes(operation.Key);
                    writer.Int32(operation.Previous);
                    break;
                case WriteOperationKind.SetMetadata:
                    writer.String(operation.MetadataName!);
                    writer.Byte(operation.MetadataValue is null ? (byte)0 : (byte)1);
                    if (operation.MetadataValue is not null)
                        writer.String(operation.MetadataValue);
                    break;
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are no batch.</exception>
    public static List<LogOperation> Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var count = reader.Count();
        var operations = new List<LogOperation>(count);
        for (var i = 0; i < count; i++)
        {
            var kind = (WriteOperationKind)reader.Byte();
            switch (kind)
            {
                case WriteOperationKind.Upsert:
                    var key = reader.Bytes().ToArray();
                    var ordinal = reader.Int32();
                    var previous = reader.Int32();
                    var record = reader.Bytes().ToArray();
                    var vectors = new float[]?[reader.Count()];
                    for (var v = 0; v < vectors.Length; v++)
                    {
                        var stored = reader.Bytes();
                        if (!stored.IsEmpty)
                            vectors[v] = MemoryMarshal.Cast<byte, float>(stored).ToArray();
                    }

                    operations.Add(new LogOperation(kind, key, ordinal, previous, record, vectors, null, null));
                    break;
                case WriteOperationKind.Delete:
                    var deleted = reader.Bytes().ToArray();
                    operations.Add(new LogOperation(kind, deleted, -1, reader.Int32(), [], [], null, null));
                    break;
                case WriteOperationKind.SetMetadata:
                    var name = reader.String();
                    operations.Add(new LogOperation(kind, [], -1, -1, [], [], name, reader.Byte() == 0 ? null : reader.String()));
                    break;
                default:
                    throw new FormatException($"The write log holds an unknown operation {(byte)kind}.");
            }
        }

        return operations;
    }

    /// <summary>Cuts a batch into log entries.</summary>
    public static IEnumerable<byte[]> Cut(ulong batch, ReadOnlyMemory<byte> blob)
    {
        var pieces = Math.Max(1, (blob.Length + PieceBytes - 1) / PieceBytes);
        for (var piece = 0; piece < pieces; piece++)
        {
            var part = blob.Slice(piece * PieceBytes, Math.Min(PieceBytes, blob.Length - piece * PieceBytes));
            var entry = new byte[HeaderBytes + part.Length];
            entry[0] = FormatVersion;
            BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(1), batch);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(9), piece);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(13), pieces);
            part.Span.CopyTo(entry.AsSpan(HeaderBytes));
            yield return entry;
        }
    }

    /// <summary>Puts pieces together again, in the order of the log. Not thread-safe.</summary>
    public sealed class Assembler
    {
        private readonly ByteWriter _blob = new();
        private ulong _batch;
        private int _next;

        /// <summary>Takes an entry; true when it completed a batch, which is then in <see cref="Batch"/>.</summary>
        /// <exception cref="FormatException">An entry that no writer wrote, or pieces out of order.</exception>
        /// <exception cref="UnsupportedFormatVersionException">A newer build wrote it.</exception>
        public bool Take(ReadOnlySpan<byte> entry)
        {
            if (!entry.IsEmpty && entry[0] > FormatVersion)
                throw UnsupportedFormatVersionException.OfContent("A write log entry", entry[0], FormatVersion);
            if (entry.Length < HeaderBytes || entry[0] != FormatVersion)
                throw new FormatException($"A write log entry is not of format version {FormatVersion}.");
            var batch = BinaryPrimitives.ReadUInt64LittleEndian(entry[1..]);
            var piece = BinaryPrimitives.ReadInt32LittleEndian(entry[9..]);
            var pieces = BinaryPrimitives.ReadInt32LittleEndian(entry[13..]);
            if (piece == 0)
            {
                // A batch before this one that stayed incomplete was cut off by a crash and never acknowledged.
                _blob.Clear();
                _batch = batch;
                _next = 0;
            }

            if (piece != _next || batch != _batch || pieces <= piece)
            {
                throw new FormatException(
                    $"The write log's batch {batch} has piece {piece} of {pieces} where piece {_next} of batch {_batch} was due."
                );
            }
            _blob.Raw(entry[HeaderBytes..]);
            _next++;
            if (_next < pieces)
                return false;
            _next = 0;
            return true;
        }

        /// <summary>The batch that the last entry completed.</summary>
        public ReadOnlySpan<byte> Batch => _blob.Written;
    }
}
