using System.Buffers.Binary;
using System.Text;
using Microsoft.Data.Sqlite;

namespace SearchEngine.Migration;

/// <summary>One chunk of a vec0 table: which of its places are taken, their rowids, vectors, metadata and partition.</summary>
internal sealed class VecChunk
{
    /// <summary>Bytes of a text in a metadata chunk: its length and the first 12 bytes; a longer one lies in a table of its own.</summary>
    private const int TextViewBytes = 16;
    private const int TextPrefixBytes = 12;

    private readonly VecDeclaration _declaration;
    private readonly byte[] _validity;
    private readonly byte[] _rowids;
    private readonly byte[][] _vectors;
    private readonly byte[][] _metadata;
    private readonly object?[] _partitions;

    private VecChunk(VecDeclaration declaration, byte[] validity, byte[] rowids, byte[][] vectors, byte[][] metadata, object?[] partitions)
    {
        _declaration = declaration;
        _validity = validity;
        _rowids = rowids;
        _vectors = vectors;
        _metadata = metadata;
        _partitions = partitions;
    }

    public static VecChunk Read(SqliteConnection connection, string table, VecDeclaration declaration, long chunk)
    {
        var partitions = string.Concat(declaration.Partitions.Select((_, i) => $", partition{i:00}"));
        var head = SqliteFile
            .Rows(
                connection,
                $"SELECT validity, rowids{partitions} FROM {SqliteFile.Quote(table + "_chunks")} WHERE chunk_id = $chunk",
                row =>
                    (
                        (byte[])row.GetValue(0),
                        (byte[])row.GetValue(1),
                        Enumerable.Range(2, declaration.Partitions.Count).Select(i => SqliteFile.ValueOf(row, i)).ToArray()
                    ),
                ("$chunk", chunk)
            )
            .First();
        return new VecChunk(
            declaration,
            head.Item1,
            head.Item2,
            [.. declaration.Vectors.Select((_, i) => Blob(connection, $"{table}_vector_chunks{i:00}", "vectors", chunk))],
            [.. declaration.Metadata.Select((_, i) => Blob(connection, $"{table}_metadatachunks{i:00}", "data", chunk))],
            head.Item3
        );
    }

    /// <summary>Whether the place is taken by the row.</summary>
    public bool Holds(int offset, long rowid) =>
        offset >= 0
        && offset / 8 < _validity.Length
        && (_validity[offset / 8] >> (offset % 8) & 1) == 1
        && BinaryPrimitives.ReadInt64LittleEndian(_rowids.AsSpan(offset * sizeof(long))) == rowid;

    /// <summary>Puts what the chunk has of a place into a row.</summary>
    /// <param name="offset">The place.</param>
    /// <param name="values">Gets the values.</param>
    /// <param name="longText">Reads a text that does not fit into a chunk, by the number of its column.</param>
    public void Take(int offset, Dictionary<string, object?> values, Func<int, string> longText)
    {
        for (var i = 0; i < _declaration.Vectors.Count; i++)
            values[_declaration.Vectors[i].Name] = VectorAt(_declaration.Vectors[i], _vectors[i], offset);
        for (var i = 0; i < _partitions.Length; i++)
            values[_declaration.Partitions[i]] = _partitions[i];
        for (var i = 0; i < _metadata.Length; i++)
        {
            var (name, type) = _declaration.Metadata[i];
            var data = _metadata[i].AsSpan();
            values[name] = type switch
            {
                "boolean" => (data[offset / 8] >> (offset % 8) & 1) == 1,
                "integer" => BinaryPrimitives.ReadInt64LittleEndian(data[(offset * sizeof(long))..]),
                "float" => BinaryPrimitives.ReadDoubleLittleEndian(data[(offset * sizeof(double))..]),
                _ => TextAt(data.Slice(offset * TextViewBytes, TextViewBytes), i, longText),
            };
        }
    }

    private static string TextAt(ReadOnlySpan<byte> view, int column, Func<int, string> longText)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(view);
        return length <= TextPrefixBytes ? Encoding.UTF8.GetString(view.Slice(sizeof(int), length)) : longText(column);
    }

    private static object VectorAt(VecDeclaration.Vector column, byte[] vectors, int offset) =>
        column.Type switch
        {
            "float" or "f32" or "float32" => SqliteFile.Floats(
                vectors.AsSpan(offset * column.Dimension * sizeof(float), column.Dimension * sizeof(float))
            ),
            "int8" or "i8" => Array.ConvertAll(
                vectors[(offset * column.Dimension)..((offset + 1) * column.Dimension)],
                value => (float)(sbyte)value
            ),
            _ => new UnmappedValue($"a vector of type {column.Type}"),
        };

    private static byte[] Blob(SqliteConnection connection, string table, string column, long chunk) =>
        SqliteFile
            .Rows(
                connection,
                $"SELECT {column} FROM {SqliteFile.Quote(table)} WHERE rowid = $chunk",
                row => (byte[])row.GetValue(0),
                ("$chunk", chunk)
            )
            .First();
}
