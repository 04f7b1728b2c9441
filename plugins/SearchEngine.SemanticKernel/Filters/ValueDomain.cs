using System.Globalization;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// The values of a .NET type in their order, numbered: what a search over all of them by halves needs. Floating-point numbers are numbered
/// from negative to positive infinity; NaN has no place. Immutable, thread-safe.
/// </summary>
internal sealed class ValueDomain
{
    private readonly Func<long, object> _valueAt;

    private ValueDomain(long minimum, long maximum, Func<long, object> valueAt) =>
        (Minimum, Maximum, _valueAt) = (minimum, maximum, valueAt);

    /// <summary>The number of the least value.</summary>
    public long Minimum { get; }

    /// <summary>The number of the greatest value.</summary>
    public long Maximum { get; }

    /// <summary>The domain of a type; null where its values are not numbered (texts, decimals, ...).</summary>
    public static ValueDomain? Of(Type type)
    {
        if (type.IsEnum)
            return Of(Enum.GetUnderlyingType(type));
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Byte => Integers(type, byte.MinValue, byte.MaxValue),
            TypeCode.SByte => Integers(type, sbyte.MinValue, sbyte.MaxValue),
            TypeCode.Int16 => Integers(type, short.MinValue, short.MaxValue),
            TypeCode.UInt16 => Integers(type, ushort.MinValue, ushort.MaxValue),
            TypeCode.Int32 => Integers(type, int.MinValue, int.MaxValue),
            TypeCode.UInt32 => Integers(type, uint.MinValue, uint.MaxValue),
            TypeCode.Int64 => Integers(type, long.MinValue, long.MaxValue),
            TypeCode.Single => new(
                ToNumber(float.NegativeInfinity),
                ToNumber(float.PositiveInfinity),
                static n => BitConverter.Int32BitsToSingle((int)FromNumber(n, int.MinValue))
            ),
            TypeCode.Double => new(
                ToNumber(double.NegativeInfinity),
                ToNumber(double.PositiveInfinity),
                static n => BitConverter.Int64BitsToDouble(FromNumber(n, long.MinValue))
            ),
            TypeCode.DateTime => new(0, DateTime.MaxValue.Ticks, static n => new DateTime(n)),
            _ when type == typeof(DateTimeOffset) => new(0, DateTime.MaxValue.Ticks, static n => new DateTimeOffset(n, TimeSpan.Zero)),
            _ when type == typeof(DateOnly) => new(0, DateOnly.MaxValue.DayNumber, static n => DateOnly.FromDayNumber((int)n)),
            _ when type == typeof(TimeOnly) => new(0, TimeOnly.MaxValue.Ticks, static n => new TimeOnly(n)),
            _ => null,
        };
    }

    /// <summary>The value of a number.</summary>
    public object ValueAt(long number) => _valueAt(number);

    /// <summary>The first number whose value passes a test that all values above one pass and none below; null where none does.</summary>
    public long? First(Func<object, bool> passes)
    {
        if (!passes(_valueAt(Maximum)))
            return null;
        var (low, high) = (Minimum, Maximum);
        while (low < high)
        {
            // The distance of two 64-bit numbers needs the sign's bit.
            var middle = low + (long)((ulong)(high - low) / 2);
            if (passes(_valueAt(middle)))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    private static ValueDomain Integers(Type type, long minimum, long maximum) =>
        new(minimum, maximum, number => Convert.ChangeType(number, type, CultureInfo.InvariantCulture));

    // Negative numbers' bits fall where their values rise; the two zeros are neighbours.
    private static long ToNumber(float value)
    {
        var bits = BitConverter.SingleToInt32Bits(value);
        return bits >= 0 ? bits : -1L - (bits & int.MaxValue);
    }

    private static long ToNumber(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        return bits >= 0 ? bits : -1L - (bits & long.MaxValue);
    }

    private static long FromNumber(long number, long sign) => number >= 0 ? number : sign | (-1L - number);
}
