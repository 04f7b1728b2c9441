using System.Collections;
using System.Globalization;

namespace SearchEngine;

/// <summary>The values of data fields: checking and converting what the user gives, the stored form, and comparison.</summary>
internal static class FieldValues
{
    /// <summary>
    /// The value as the field's own CLR type (lists: an array of it), or an <see cref="ArgumentException"/> that names the field.
    /// </summary>
    public static object? Normalize(DataField field, object? value)
    {
        if (value is null)
            return null;
        if (!field.IsList)
            return Scalar(field, value);
        if (value is string || value is not IEnumerable items)
            throw new ArgumentException($"Field '{field.Name}' is a list of {field.Type}; got {value.GetType().Name}.");
        var normalized = new List<object?>();
        foreach (var item in items)
        {
            if (item is null && field.Type is not (DataFieldType.String or DataFieldType.Bytes))
                throw new ArgumentException($"List field '{field.Name}' of {field.Type} holds a null; only lists of strings may.");
            normalized.Add(item is null ? null : Scalar(field, item));
        }

        var array = FieldArrays.New(ClrType(field.Type), normalized.Count);
        for (var i = 0; i < normalized.Count; i++)
            array.SetValue(normalized[i], i);
        return array;
    }

    /// <summary>One value (an element, for a list field) as the field's own CLR type, widened only where nothing is lost.</summary>
    public static object Scalar(DataField field, object value)
    {
        if (value.GetType() == ClrType(field.Type))
            return CheckText(field, value);
        try
        {
            switch (field.Type)
            {
                case DataFieldType.Byte
                or DataFieldType.Int16
                or DataFieldType.Int32
                or DataFieldType.Int64 when value is byte or sbyte or short or ushort or int or uint or long or ulong:
                    return Convert.ChangeType(value, ClrType(field.Type), CultureInfo.InvariantCulture);
                case DataFieldType.Single when value is byte or sbyte or short or ushort or Half:
                    return value is Half half ? (float)half : Convert.ToSingle(value, CultureInfo.InvariantCulture);
                case DataFieldType.Double when value is byte or sbyte or short or ushort or int or uint or float or Half:
                    return value is Half h ? (double)h : Convert.ToDouble(value, CultureInfo.InvariantCulture);
                case DataFieldType.Decimal when value is byte or sbyte or short or ushort or int or uint or long or ulong:
                    return Convert.ToDecimal(value, CultureInfo.InvariantCulture);
                case DataFieldType.Bytes when value is ReadOnlyMemory<byte> memory:
                    return memory.ToArray();
            }
        }
        catch (OverflowException e)
        {
            throw new ArgumentException($"Value {value} of field '{field.Name}' does not fit its type {field.Type}.", e);
        }

        throw new ArgumentException($"Field '{field.Name}' holds {field.Type}; got {value.GetType().Name}.");
    }

    /// <summary>Orders two normalized scalars of one type; null first.</summary>
    public static int Compare(object? left, object? right)
    {
        if (left is null)
            return right is null ? 0 : -1;
        if (right is null)
            return 1;
        return left is string a && right is string b ? string.CompareOrdinal(a, b) : ((IComparable)left).CompareTo(right);
    }

    /// <summary>
    /// Equality of two normalized values, with C#'s meaning (two nulls are equal, NaN equals nothing); lists element by element.
    /// </summary>
    public static bool AreEqual(object? left, object? right) =>
        (left, right) switch
        {
            (null, null) => true,
            (null, _) or (_, null) => false,
            (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
            (double a, double b) => a == b,
            (float a, float b) => a == b,
            (DateTime a, DateTime b) => a == b,
            (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
            (Array a, Array b) => AreEqual(a, b),
            _ => left.Equals(right),
        };

    private static bool AreEqual(Array left, Array right)
    {
        if (left.Length != right.Length)
            return false;
        for (var i = 0; i < left.Length; i++)
        {
            if (!AreEqual(left.GetValue(i), right.GetValue(i)))
                return false;
        }

        return true;
    }

    public static Type ClrType(DataFieldType type) =>
        type switch
        {
            DataFieldType.String => typeof(string),
            DataFieldType.Boolean => typeof(bool),
            DataFieldType.Byte => typeof(byte),
            DataFieldType.Int16 => typeof(short),
            DataFieldType.Int32 => typeof(int),
            DataFieldType.Int64 => typeof(long),
            DataFieldType.Single => typeof(float),
            DataFieldType.Double => typeof(double),
            DataFieldType.Decimal => typeof(decimal),
            DataFieldType.DateTime => typeof(DateTime),
            DataFieldType.DateTimeOffset => typeof(DateTimeOffset),
            DataFieldType.DateOnly => typeof(DateOnly),
            DataFieldType.TimeOnly => typeof(TimeOnly),
            DataFieldType.Guid => typeof(Guid),
            DataFieldType.Bytes => typeof(byte[]),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown field type."),
        };

    /// <summary>Appends a normalized value: 0 for null, 1 and the value else.</summary>
    public static void Write(ByteWriter writer, DataField field, object? value)
    {
        if (value is null)
        {
            writer.Byte(0);
            return;
        }

        writer.Byte(1);
        if (!field.IsList)
        {
            WriteScalar(writer, field.Type, value);
            return;
        }

        var items = (Array)value;
        writer.VarInt((uint)items.Length);
        foreach (var item in items)
        {
            writer.Byte(item is null ? (byte)0 : (byte)1);
            if (item is not null)
                WriteScalar(writer, field.Type, item);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static object? Read(ref ByteReader reader, DataField field)
    {
        if (reader.Byte() == 0)
            return null;
        if (!field.IsList)
            return ReadScalar(ref reader, field.Type);
        var items = FieldArrays.New(ClrType(field.Type), reader.Count());
        for (var i = 0; i < items.Length; i++)
        {
            if (reader.Byte() != 0)
                items.SetValue(ReadScalar(ref reader, field.Type), i);
        }

        return items;
    }

    private static object CheckText(DataField field, object value)
    {
        if (value is string text && !IsValidUtf16(text))
            throw new ArgumentException($"The text of field '{field.Name}' holds an unpaired surrogate and cannot be stored without loss.");
        return value;
    }

    private static bool IsValidUtf16(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return false;
            i++;
        }

        return true;
    }

    private static void WriteScalar(ByteWriter writer, DataFieldType type, object value)
    {
        switch (type)
        {
            case DataFieldType.String:
                writer.String((string)value);
                break;
            case DataFieldType.Boolean:
                writer.Byte((bool)value ? (byte)1 : (byte)0);
                break;
            case DataFieldType.Byte:
                writer.Byte((byte)value);
                break;
            case DataFieldType.Int16:
                writer.Int32((short)value);
                break;
            case DataFieldType.Int32:
                writer.Int32((int)value);
                break;
            case DataFieldType.Int64:
                writer.Int64((long)value);
                break;
            case DataFieldType.Single:
                writer.Int32(BitConverter.SingleToInt32Bits((float)value));
                break;
            case DataFieldType.Double:
                writer.Int64(BitConverter.DoubleToInt64Bits((double)value));
                break;
            case DataFieldType.Decimal:
                foreach (var part in decimal.GetBits((decimal)value))
                    writer.Int32(part);
                break;
            case DataFieldType.DateTime:
                writer.Int64(((DateTime)value).Ticks);
                writer.Byte((byte)((DateTime)value).Kind);
                break;
            case DataFieldType.DateTimeOffset:
                writer.Int64(((DateTimeOffset)value).Ticks);
                writer.Int32(((DateTimeOffset)value).TotalOffsetMinutes);
                break;
            case DataFieldType.DateOnly:
                writer.Int32(((DateOnly)value).DayNumber);
                break;
            case DataFieldType.TimeOnly:
                writer.Int64(((TimeOnly)value).Ticks);
                break;
            case DataFieldType.Guid:
                writer.Raw(((Guid)value).ToByteArray());
                break;
            case DataFieldType.Bytes:
                writer.Bytes((byte[])value);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown field type.");
        }
    }

    private static object ReadScalar(ref ByteReader reader, DataFieldType type)
    {
        switch (type)
        {
            case DataFieldType.String:
                return reader.String();
            case DataFieldType.Boolean:
                return reader.Byte() != 0;
            case DataFieldType.Byte:
                return reader.Byte();
            case DataFieldType.Int16:
                return (short)reader.Int32();
            case DataFieldType.Int32:
                return reader.Int32();
            case DataFieldType.Int64:
                return reader.Int64();
            case DataFieldType.Single:
                return BitConverter.Int32BitsToSingle(reader.Int32());
            case DataFieldType.Double:
                return BitConverter.Int64BitsToDouble(reader.Int64());
            case DataFieldType.Decimal:
                return new decimal([reader.Int32(), reader.Int32(), reader.Int32(), reader.Int32()]);
            case DataFieldType.DateTime:
                var ticks = reader.Int64();
                return new DateTime(ticks, (DateTimeKind)reader.Byte());
            case DataFieldType.DateTimeOffset:
                var local = reader.Int64();
                return new DateTimeOffset(local, TimeSpan.FromMinutes(reader.Int32()));
            case DataFieldType.DateOnly:
                return DateOnly.FromDayNumber(reader.Int32());
            case DataFieldType.TimeOnly:
                return new TimeOnly(reader.Int64());
            case DataFieldType.Guid:
                return new Guid(reader.Raw(16));
            case DataFieldType.Bytes:
                return reader.Bytes().ToArray();
            default:
                throw new FormatException($"A stored record names an unknown field type {type}.");
        }
    }
}
