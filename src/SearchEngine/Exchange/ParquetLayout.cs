using System.Globalization;
using System.Text.Json;
using Parquet.Schema;

namespace SearchEngine;

/// <summary>
/// How a collection lies in a Parquet file: the key in column <c>$key</c>, a column for each data field, and for each vector field a list
/// of float. What Parquet cannot hold without loss (a decimal with its scale, a time with its kind or offset, 100 ns) and Guids are text:
/// invariant numbers, ISO 8601. The schema and the metadata are JSON in the file's own metadata.
/// </summary>
internal sealed class ParquetLayout
{
    public const int FormatVersion = 1;
    public const string VersionKey = "searchengine-export";
    public const string RecordsKey = "searchengine-records";
    public const string SchemaKey = "searchengine-schema";
    public const string MetadataKey = "searchengine-metadata";
    private const string KeyColumn = "$key";

    public ParquetLayout(CollectionSchema schema, bool includeVectors)
    {
        Schema = schema;
        Key = KeyOf(schema.KeyKind);
        Fields = [.. schema.Fields.Select(FieldOf)];
        Vectors = includeVectors
            ?
            [
                .. schema.Vectors.Select(vector =>
                    (
                        vector,
                        (ParquetColumn)
                            ParquetColumn<float>.Create(vector.Name, typeof(float), typeof(float), isList: true, isNullable: false)
                    )
                ),
            ]
            : [];
        Columns = [Key, .. Fields.Select(f => f.Column), .. Vectors.Select(v => v.Column)];
        File = new ParquetSchema([.. Columns.Select(column => column.Field)]);
    }

    public CollectionSchema Schema { get; }

    public ParquetSchema File { get; }

    public ParquetColumn Key { get; }

    public IReadOnlyList<(DataField Field, ParquetColumn Column)> Fields { get; }

    public IReadOnlyList<(VectorField Field, ParquetColumn Column)> Vectors { get; }

    /// <summary>All columns, in the order of the file.</summary>
    public IReadOnlyList<ParquetColumn> Columns { get; }

    /// <summary>Takes a document as the next row; returns its bytes, about.</summary>
    public long Append(Document document)
    {
        var bytes = Key.Append(document.Key.Value);
        foreach (var (field, column) in Fields)
            bytes += column.Append(document[field.Name]);
        foreach (var (field, column) in Vectors)
            bytes += column.Append(document.Vectors.TryGetValue(field.Name, out var vector) ? vector.ToArray() : null);
        return bytes;
    }

    /// <summary>The columns of a file that stand for this layout's, in the same order.</summary>
    /// <exception cref="FormatException">A column is missing, one too many, or of another type; the message names it.</exception>
    public Parquet.Schema.DataField[] Match(ParquetSchema file)
    {
        var stored = file.GetDataFields();
        var matched = new Parquet.Schema.DataField[Columns.Count];
        for (var i = 0; i < matched.Length; i++)
        {
            var wanted = Columns[i];
            var found =
                Array.Find(stored, field => field.Path.FirstPart == wanted.Field.Name)
                ?? throw new FormatException($"The Parquet file has no column '{wanted.Field.Name}', which its schema names.");
            if (
                found.ClrType != wanted.Data.ClrType
                || found.MaxRepetitionLevel != wanted.Data.MaxRepetitionLevel
                || found.MaxDefinitionLevel != wanted.Data.MaxDefinitionLevel
            )
            {
                throw new FormatException(
                    $"Column '{wanted.Field.Name}' of the Parquet file holds {Describe(found)}; its schema asks for {Describe(wanted.Data)}."
                );
            }
            matched[i] = found;
        }

        if (Array.Find(stored, field => Columns.All(column => column.Field.Name != field.Path.FirstPart)) is { } extra)
            throw new FormatException($"The Parquet file has a column '{extra.Path.FirstPart}' that its schema does not name.");
        return matched;
    }

    private static string Describe(Parquet.Schema.DataField field) =>
        $"{(field.MaxRepetitionLevel > 0 ? "lists of " : "")}{(field.MaxDefinitionLevel > field.MaxRepetitionLevel * 2 ? "optional " : "")}{(field.ClrType == typeof(ReadOnlyMemory<char>) ? "String" : field.ClrType == typeof(ReadOnlyMemory<byte>) ? "Bytes" : field.ClrType.Name)}";

    private static ParquetColumn KeyOf(RecordKeyKind kind) =>
        kind switch
        {
            RecordKeyKind.Int32 => ParquetColumn<int>.Create(KeyColumn, typeof(int), typeof(int), isList: false, isNullable: false),
            RecordKeyKind.Int64 => ParquetColumn<long>.Create(KeyColumn, typeof(long), typeof(long), isList: false, isNullable: false),
            RecordKeyKind.Guid => Text(
                KeyColumn,
                typeof(Guid),
                isList: false,
                isNullable: false,
                value => ((Guid)value).ToString("D"),
                text => Guid.Parse(text)
            ),
            _ => Text(KeyColumn, typeof(string), isList: false, isNullable: false, value => (string)value, text => text),
        };

    private static (DataField, ParquetColumn) FieldOf(DataField field) =>
        (
            field,
            field.Type switch
            {
                DataFieldType.String => Text(field, value => (string)value, text => text),
                DataFieldType.Boolean => Plain<bool>(field),
                DataFieldType.Byte => Converted(field, value => (int)(byte)value, stored => checked((byte)stored)),
                DataFieldType.Int16 => Converted(field, value => (int)(short)value, stored => checked((short)stored)),
                DataFieldType.Int32 => Plain<int>(field),
                DataFieldType.Int64 => Plain<long>(field),
                DataFieldType.Single => Plain<float>(field),
                DataFieldType.Double => Plain<double>(field),
                DataFieldType.Decimal => Text(
                    field,
                    value => ((decimal)value).ToString(CultureInfo.InvariantCulture),
                    text => decimal.Parse(text, CultureInfo.InvariantCulture)
                ),
                DataFieldType.DateTime => Text(
                    field,
                    Iso,
                    text => DateTime.ParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)
                ),
                DataFieldType.DateTimeOffset => Text(
                    field,
                    Iso,
                    text => DateTimeOffset.ParseExact(text, "O", CultureInfo.InvariantCulture)
                ),
                DataFieldType.DateOnly => Text(field, Iso, text => DateOnly.ParseExact(text, "O", CultureInfo.InvariantCulture)),
                DataFieldType.TimeOnly => Text(field, Iso, text => TimeOnly.ParseExact(text, "O", CultureInfo.InvariantCulture)),
                DataFieldType.Guid => Text(field, value => ((Guid)value).ToString("D"), text => Guid.Parse(text)),
                DataFieldType.Bytes => ParquetColumn<ReadOnlyMemory<byte>>.Create(
                    field.Name,
                    typeof(byte[]),
                    typeof(byte[]),
                    field.IsList,
                    isNullable: true,
                    value => (byte[])value,
                    stored => stored.ToArray(),
                    stored => stored.Length
                ),
                _ => throw new FormatException($"Field '{field.Name}' has an unknown type {field.Type}."),
            }
        );

    private static string Iso(object value) => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture);

    private static ParquetColumn Plain<T>(DataField field)
        where T : struct => ParquetColumn<T>.Create(field.Name, typeof(T), typeof(T), field.IsList, isNullable: true);

    private static ParquetColumn Converted(DataField field, Func<object, int> toStored, Func<int, object> fromStored) =>
        ParquetColumn<int>.Create(
            field.Name,
            typeof(int),
            FieldValues.ClrType(field.Type),
            field.IsList,
            isNullable: true,
            toStored,
            fromStored
        );

    private static ParquetColumn Text(DataField field, Func<object, string> toText, Func<string, object> fromText) =>
        Text(field.Name, FieldValues.ClrType(field.Type), field.IsList, isNullable: true, toText, fromText);

    private static ParquetColumn Text(
        string name,
        Type element,
        bool isList,
        bool isNullable,
        Func<object, string> toText,
        Func<string, object> fromText
    ) =>
        ParquetColumn<ReadOnlyMemory<char>>.Create(
            name,
            typeof(string),
            element,
            isList,
            isNullable,
            value => toText(value).AsMemory(),
            stored => fromText(stored.ToString()),
            stored => stored.Length * 2L
        );
}
