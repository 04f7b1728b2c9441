using Parquet;
using Parquet.Schema;
using ParquetData = Parquet.Schema.DataField;

namespace SearchEngine.Migration;

/// <summary>The values of a Parquet column, one a row, from values with definition and repetition levels.</summary>
internal static class ParquetValues
{
    public static Task<object?[]> ReadAsync(ParquetRowGroupReader group, Field field, CancellationToken cancellationToken)
    {
        var data = field switch
        {
            ParquetData scalar => scalar,
            ListField { Item: ParquetData element } => element,
            _ => null,
        };
        if (data is null || data.MaxRepetitionLevel > 1)
            return Task.FromResult(Filled(group, $"a {field.SchemaType.ToString().ToLowerInvariant()} of Parquet"));
        return data.ClrType switch
        {
            var type when type == typeof(bool) => ColumnAsync<bool>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(sbyte) => ColumnAsync<sbyte>(group, field, data, value => (long)value, cancellationToken),
            var type when type == typeof(byte) => ColumnAsync<byte>(group, field, data, value => (long)value, cancellationToken),
            var type when type == typeof(short) => ColumnAsync<short>(group, field, data, value => (long)value, cancellationToken),
            var type when type == typeof(ushort) => ColumnAsync<ushort>(group, field, data, value => (long)value, cancellationToken),
            var type when type == typeof(int) => ColumnAsync<int>(group, field, data, value => (long)value, cancellationToken),
            var type when type == typeof(uint) => ColumnAsync<uint>(group, field, data, value => (long)value, cancellationToken),
            var type when type == typeof(long) => ColumnAsync<long>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(ulong) => ColumnAsync<ulong>(group, field, data, Unsigned, cancellationToken),
            var type when type == typeof(float) => ColumnAsync<float>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(double) => ColumnAsync<double>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(decimal) => ColumnAsync<decimal>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(Guid) => ColumnAsync<Guid>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(DateTime) => ColumnAsync<DateTime>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(DateOnly) => ColumnAsync<DateOnly>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(TimeOnly) => ColumnAsync<TimeOnly>(group, field, data, value => value, cancellationToken),
            var type when type == typeof(TimeSpan) => ColumnAsync<TimeSpan>(
                group,
                field,
                data,
                value => TimeOnly.FromTimeSpan(value),
                cancellationToken
            ),
            var type when type == typeof(ReadOnlyMemory<char>) || type == typeof(string) => ColumnAsync<ReadOnlyMemory<char>>(
                group,
                field,
                data,
                value => value.ToString(),
                cancellationToken
            ),
            var type when type == typeof(ReadOnlyMemory<byte>) || type == typeof(byte[]) => ColumnAsync<ReadOnlyMemory<byte>>(
                group,
                field,
                data,
                value => value.ToArray(),
                cancellationToken
            ),
            var type => Task.FromResult(Filled(group, $"a {type.Name} of Parquet")),
        };
    }

    private static object Unsigned(ulong value) => value > long.MaxValue ? (decimal)value : (long)value;

    private static object?[] Filled(ParquetRowGroupReader group, string what)
    {
        var rows = new object?[checked((int)group.RowCount)];
        Array.Fill(rows, new UnmappedValue(what));
        return rows;
    }

    private static async Task<object?[]> ColumnAsync<T>(
        ParquetRowGroupReader group,
        Field field,
        ParquetData data,
        Func<T, object> convert,
        CancellationToken cancellationToken
    )
        where T : struct
    {
        var count = checked(
            (int)(group.GetMetadata(data)?.MetaData?.NumValues ?? throw new FormatException($"column '{field.Name}' has no data"))
        );
        var values = new T[count];
        var definitions = data.MaxDefinitionLevel > 0 ? new int[count] : null;
        var repetitions = data.MaxRepetitionLevel > 0 ? new int[count] : null;
        await group
            .ReadRawAsync<T>(
                data,
                values,
                definitions is null ? (Memory<int>?)null : definitions,
                repetitions is null ? (Memory<int>?)null : repetitions,
                cancellationToken
            )
            .ConfigureAwait(false);
        var rows = new object?[checked((int)group.RowCount)];
        var (level, value) = (0, 0);
        for (var row = 0; row < rows.Length; row++)
        {
            if (level >= count)
                throw new FormatException($"column '{field.Name}' has fewer values than there are rows");
            if (repetitions is null)
            {
                rows[row] = definitions is null || definitions[level] == data.MaxDefinitionLevel ? convert(values[value++]) : null;
                level++;
                continue;
            }

            var first = level++;
            while (level < count && repetitions[level] > 0)
                level++;
            rows[row] = ListOf(field, data, definitions.AsSpan(first, level - first), values, ref value, convert);
        }

        return rows;
    }

    private static object? ListOf<T>(
        Field field,
        ParquetData data,
        ReadOnlySpan<int> definitions,
        T[] values,
        ref int value,
        Func<T, object> convert
    )
        where T : struct
    {
        // The level at which a list has elements; below it the list is empty, and below that, where it may be absent, it is.
        var filled = data.MaxDefinitionLevel - (data.IsNullable ? 1 : 0);
        if (definitions[0] < filled)
            return field is ListField { IsNullable: true } && definitions[0] < filled - 1 ? null : Array.Empty<object?>();
        var items = new object?[definitions.Length];
        for (var i = 0; i < items.Length; i++)
            items[i] = definitions[i] == data.MaxDefinitionLevel ? convert(values[value++]) : null;
        return (data.ClrType == typeof(float) || data.ClrType == typeof(double)) && Array.TrueForAll(items, item => item is not null)
            ? Array.ConvertAll(items, item => Convert.ToSingle(item, System.Globalization.CultureInfo.InvariantCulture))
            : items;
    }
}
