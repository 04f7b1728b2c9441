using Parquet;
using Parquet.Schema;
using ParquetData = Parquet.Schema.DataField;
using ParquetField = Parquet.Schema.Field;

namespace SearchEngine;

/// <summary>
/// A column of an export on its way to or from a row group, as values with definition and repetition levels (Dremel's encoding).
/// A list is three levels deep (the LIST convention): absent list, empty list, absent element and value are all told apart.
/// </summary>
internal abstract class ParquetColumn
{
    protected const string ElementName = "element";

    protected ParquetColumn(ParquetField field, ParquetData data, bool isList, bool isNullable)
    {
        Field = field;
        Data = data;
        IsList = isList;
        IsNullable = isNullable;
    }

    /// <summary>The column in a schema.</summary>
    public ParquetField Field { get; }

    /// <summary>The part of <see cref="Field"/> that holds the values.</summary>
    public ParquetData Data { get; }

    protected bool IsList { get; }

    protected bool IsNullable { get; }

    /// <summary>Takes the next row's value: a scalar, an array for a list, or null; returns its bytes, about.</summary>
    public abstract long Append(object? value);

    /// <summary>Writes the rows taken so far and forgets them.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken);

    /// <summary>Reads a row group's values, one a row.</summary>
    /// <exception cref="FormatException">The column does not fit together.</exception>
    public abstract Task<object?[]> ReadAsync(ParquetRowGroupReader group, ParquetData stored, CancellationToken cancellationToken);
}

/// <summary>A column whose values are stored as <typeparamref name="T"/>.</summary>
internal sealed class ParquetColumn<T> : ParquetColumn
    where T : struct
{
    private readonly Func<object, T>? _toStored;
    private readonly Func<T, object>? _fromStored;
    private readonly Func<T, long> _bytes;
    private readonly Type _element;
    private readonly List<T> _values = [];
    private readonly List<int> _definitions = [];
    private readonly List<int> _repetitions = [];

    private ParquetColumn(
        ParquetField field,
        ParquetData data,
        bool isList,
        bool isNullable,
        Type element,
        Func<object, T>? toStored,
        Func<T, object>? fromStored,
        Func<T, long> bytes
    )
        : base(field, data, isList, isNullable)
    {
        _element = element;
        _toStored = toStored;
        _fromStored = fromStored;
        _bytes = bytes;
    }

    /// <param name="name">The column's name.</param>
    /// <param name="stored">The CLR type that Parquet.Net knows the stored type by (string, byte[] or <typeparamref name="T"/>).</param>
    /// <param name="element">The CLR type of a value.</param>
    /// <param name="isList">Whether a row holds a list of values.</param>
    /// <param name="isNullable">Whether a value (of a list: an element; the list itself always) may be absent.</param>
    /// <param name="toStored">From a value; null where values are stored as they are.</param>
    /// <param name="fromStored">To a value; null where values are stored as they are.</param>
    /// <param name="bytes">Bytes of a stored value; null for its size in memory.</param>
    public static ParquetColumn<T> Create(
        string name,
        Type stored,
        Type element,
        bool isList,
        bool isNullable,
        Func<object, T>? toStored = null,
        Func<T, object>? fromStored = null,
        Func<T, long>? bytes = null
    )
    {
        var data = new ParquetData(isList ? ElementName : name, stored, isNullable);
        ParquetField field = isList ? new ListField(name, data) : data;
        var size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        return new ParquetColumn<T>(field, data, isList, isNullable, element, toStored, fromStored, bytes ?? (_ => size));
    }

    public override long Append(object? value)
    {
        if (!IsList)
        {
            if (value is null && !IsNullable)
                throw new ArgumentException($"Column '{Field.Name}' must have a value.");
            _definitions.Add(value is null ? 0 : Data.MaxDefinitionLevel);
            return value is null ? 0 : AddValue(value);
        }

        // 0: no list; 1: an empty one; 2: an element that is absent, or, where none may be, a value.
        if (value is not Array { Length: > 0 } items)
        {
            _definitions.Add(value is null ? 0 : 1);
            _repetitions.Add(0);
            return 0;
        }

        _repetitions.Add(0);
        for (var i = 1; i < items.Length; i++)
            _repetitions.Add(1);
        if (_toStored is null && items is T[] plain)
        {
            _values.AddRange(plain);
            for (var i = 0; i < plain.Length; i++)
                _definitions.Add(Data.MaxDefinitionLevel);
            return plain.Length * (long)System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        }

        long bytes = 0;
        foreach (var item in items)
        {
            _definitions.Add(item is null ? Data.MaxDefinitionLevel - 1 : Data.MaxDefinitionLevel);
            if (item is not null)
                bytes += AddValue(item);
        }

        return bytes;
    }

    public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
    {
        var definitions = Data.MaxDefinitionLevel > 0 ? new ReadOnlyMemory<int>(_definitions.ToArray()) : (ReadOnlyMemory<int>?)null;
        var repetitions = IsList ? new ReadOnlyMemory<int>(_repetitions.ToArray()) : (ReadOnlyMemory<int>?)null;
        await group.WriteAllPartsAsync<T>(Data, _values.ToArray(), definitions, repetitions, cancellationToken).ConfigureAwait(false);
        _values.Clear();
        _definitions.Clear();
        _repetitions.Clear();
    }

    public override async Task<object?[]> ReadAsync(ParquetRowGroupReader group, ParquetData stored, CancellationToken cancellationToken)
    {
        var count = checked(
            (int)(group.GetMetadata(stored)?.MetaData?.NumValues ?? throw new FormatException($"column '{Field.Name}' has no data"))
        );
        var values = new T[count];
        var definitions = stored.MaxDefinitionLevel > 0 ? new int[count] : null;
        var repetitions = stored.MaxRepetitionLevel > 0 ? new int[count] : null;
        await group.ReadRawAsync<T>(stored, values, AsMemory(definitions), AsMemory(repetitions), cancellationToken).ConfigureAwait(false);
        var rows = new object?[checked((int)group.RowCount)];
        var (level, value) = (0, 0);
        for (var row = 0; row < rows.Length; row++)
        {
            if (level >= count)
                throw new FormatException($"column '{Field.Name}' has fewer values than there are rows");
            rows[row] =
                IsList ? ReadList(stored, values, definitions!, repetitions!, ref level, ref value)
                : definitions is null || definitions[level] == stored.MaxDefinitionLevel ? FromStored(values[value++])
                : null;
            if (!IsList)
                level++;
        }

        if (level != count)
            throw new FormatException($"column '{Field.Name}' has more values than there are rows");
        return rows;
    }

    private Array? ReadList(ParquetData stored, T[] values, int[] definitions, int[] repetitions, ref int level, ref int value)
    {
        var first = level++;
        while (level < repetitions.Length && repetitions[level] > 0)
            level++;
        if (definitions[first] == 0)
            return null;
        var length = definitions[first] == 1 ? 0 : level - first;
        if (_fromStored is null && stored.MaxDefinitionLevel == 2)
        {
            var plain = values.AsSpan(value, length).ToArray();
            value += length;
            return plain;
        }

        var items = FieldArrays.New(_element, length);
        for (var i = 0; i < length; i++)
        {
            if (definitions[first + i] == stored.MaxDefinitionLevel)
                items.SetValue(FromStored(values[value++]), i);
        }

        return items;
    }

    private static Memory<int>? AsMemory(int[]? levels) => levels is null ? (Memory<int>?)null : new Memory<int>(levels);

    private long AddValue(object value)
    {
        var stored = _toStored is null ? (T)value : _toStored(value);
        _values.Add(stored);
        return _bytes(stored);
    }

    private object FromStored(T value) => _fromStored is null ? value : _fromStored(value);
}
