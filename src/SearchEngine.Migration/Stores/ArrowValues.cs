using Apache.Arrow;
using Apache.Arrow.Arrays;
using Apache.Arrow.Types;

namespace SearchEngine.Migration;

/// <summary>Values of Arrow arrays.</summary>
internal static class ArrowValues
{
    public static object? ValueOf(IArrowArray array, int row)
    {
        if (array.IsNull(row))
            return null;
        return array switch
        {
            BooleanArray values => values.GetValue(row),
            Int8Array values => (long)values.GetValue(row)!.Value,
            UInt8Array values => (long)values.GetValue(row)!.Value,
            Int16Array values => (long)values.GetValue(row)!.Value,
            UInt16Array values => (long)values.GetValue(row)!.Value,
            Int32Array values => (long)values.GetValue(row)!.Value,
            UInt32Array values => (long)values.GetValue(row)!.Value,
            Int64Array values => values.GetValue(row),
            UInt64Array values => values.GetValue(row) is { } large && large > long.MaxValue
                ? (decimal)large
                : (long)values.GetValue(row)!.Value,
            HalfFloatArray values => (float)values.GetValue(row)!.Value,
            FloatArray values => values.GetValue(row),
            DoubleArray values => values.GetValue(row),
            Decimal128Array values => values.GetValue(row),
            Decimal256Array values => values.GetValue(row),
            StringArray values => values.GetString(row),
            LargeStringArray values => values.GetString(row),
            StringViewArray values => values.GetString(row),
            BinaryArray values => values.GetBytes(row).ToArray(),
            LargeBinaryArray values => values.GetBytes(row).ToArray(),
            Date32Array values => values.GetDateOnly(row),
            Date64Array values => values.GetDateOnly(row),
            TimestampArray values => TimestampOf(values, row),
            Time32Array values => values.GetTime(row),
            Time64Array values => values.GetTime(row),
            FixedSizeBinaryArray values => values.GetBytes(row).ToArray(),
            DictionaryArray values => ValueOf(values.Dictionary, IndexOf(values.Indices, row)),
            FixedSizeListArray values => ListOf(values.GetSlicedValues(row)),
            ListArray values => ListOf(values.GetSlicedValues(row)),
            LargeListArray values => ListOf(values.GetSlicedValues(row)),
            _ => new UnmappedValue($"a value of Arrow's type {array.Data.DataType.Name}"),
        };
    }

    /// <summary>Numbers that are no whole ones may be a vector; all else is a list.</summary>
    private static object? ListOf(IArrowArray? items)
    {
        if (items is null)
            return null;
        var values = new object?[items.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = ValueOf(items, i);
        return items.Data.DataType.TypeId is ArrowTypeId.HalfFloat or ArrowTypeId.Float or ArrowTypeId.Double
            && values.All(value => value is not null)
                ? System.Array.ConvertAll(values, value => Convert.ToSingle(value, System.Globalization.CultureInfo.InvariantCulture))
            : values.FirstOrDefault(value => value is object?[] or float[]) is not null ? new UnmappedValue("a list of lists")
            : values;
    }

    /// <summary>With a zone it is an instant, without one a local time.</summary>
    private static object? TimestampOf(TimestampArray values, int row)
    {
        var instant = values.GetTimestamp(row)!.Value;
        return string.IsNullOrEmpty(((TimestampType)values.Data.DataType).Timezone)
            ? DateTime.SpecifyKind(instant.UtcDateTime, DateTimeKind.Unspecified)
            : instant;
    }

    private static int IndexOf(IArrowArray indices, int row) =>
        ValueOf(indices, row) is long index
            ? checked((int)index)
            : throw new MigrationException("A dictionary of the file has indices of an unknown type.");
}
