using System.Reflection;

namespace SearchEngine.SemanticKernel.Tests.Filters;

/// <summary>Random values of a type from a small set with the awkward ones in it, so that values meet.</summary>
internal sealed class FilterValues(Random random)
{
    private static readonly Guid[] Guids =
    [
        .. Enumerable.Range(0, 6).Select(i => new Guid(i * 40_000_000, (short)(i * 9000), 3, [1, 2, 3, 4, 5, 6, 7, 8])),
    ];
    private static readonly string[] Texts =
    [
        "",
        "a",
        "A",
        "foo",
        "FOO",
        "Foo bar",
        "straße",
        "STRASSE",
        "ı",
        "i",
        "I",
        "İ",
        "é",
        "\u00adfoo",
        "fo",
        "o",
        "𝄞",
        "zeta",
    ];
    private static readonly double[] Doubles =
    [
        0.0,
        -0.0,
        1,
        -1,
        0.1,
        0.1f,
        5,
        5.5,
        -5.5,
        16777216,
        16777217,
        9007199254740992,
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        double.Epsilon,
        double.MaxValue,
        3e9,
        -3e9,
        float.Epsilon,
        1e30,
    ];
    private static readonly long[] Longs =
    [
        0,
        1,
        -1,
        2,
        5,
        100,
        127,
        128,
        255,
        256,
        -128,
        32767,
        65535,
        16777216,
        16777217,
        int.MaxValue,
        int.MinValue,
        uint.MaxValue,
        9007199254740992,
        9007199254740993,
        long.MaxValue,
        long.MinValue,
    ];

    /// <summary>A value of the type; null at times where it can be.</summary>
    public object? Next(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return random.Next(4) == 0 ? null : Next(underlying);
        if (type == typeof(string))
            return Texts[random.Next(Texts.Length)];
        if (type == typeof(bool))
            return random.Next(2) == 0;
        if (type == typeof(double))
            return Doubles[random.Next(Doubles.Length)];
        if (type == typeof(float))
            return (float)Doubles[random.Next(Doubles.Length)];
        if (type == typeof(decimal))
        {
            return random.Next(3) == 0
                ? new[] { 0.1m, 1.0m, 1.00m, -5.5m, decimal.MaxValue }[random.Next(5)]
                : Longs[random.Next(Longs.Length)];
        }
        if (type == typeof(DateTime))
        {
            return new DateTime(
                2023 + random.Next(3),
                random.Next(1, 3),
                random.Next(1, 3),
                random.Next(2) * 5,
                0,
                0,
                (DateTimeKind)random.Next(3)
            );
        }
        if (type == typeof(DateTimeOffset))
            return new DateTimeOffset(2024, 1, random.Next(1, 4), random.Next(24), 0, 0, TimeSpan.FromHours(random.Next(-3, 4)));
        if (type == typeof(DateOnly))
            return new DateOnly(2023 + random.Next(3), 1, random.Next(1, 4));
        if (type == typeof(TimeOnly))
            return new TimeOnly(random.Next(4), random.Next(2) * 30);
        if (type == typeof(Guid))
            return Guids[random.Next(Guids.Length)];
        if (type.IsEnum)
            return Enum.ToObject(type, random.Next(8));
        var number = Longs[random.Next(Longs.Length)];
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Byte => unchecked((byte)number),
            TypeCode.SByte => unchecked((sbyte)number),
            TypeCode.Int16 => unchecked((short)number),
            TypeCode.UInt16 => unchecked((ushort)number),
            TypeCode.Int32 => unchecked((int)number),
            TypeCode.UInt32 => unchecked((uint)number),
            TypeCode.UInt64 => unchecked((ulong)number),
            TypeCode.Int64 => number,
            _ => throw new ArgumentException($"No values of {type}."),
        };
    }

    /// <summary>A few values of the type as an array.</summary>
    public Array Several(Type element, bool withNull = false)
    {
        var values = Array.CreateInstance(element, random.Next(4));
        for (var i = 0; i < values.Length; i++)
            values.SetValue(withNull && random.Next(5) == 0 ? null : Next(element), i);
        return values;
    }

    /// <summary>A record with every property filled.</summary>
    public FilterRow Row(int id)
    {
        var row = new FilterRow { Id = id };
        foreach (var property in typeof(FilterRow).GetProperties())
        {
            if (property.Name is nameof(FilterRow.Id) or nameof(FilterRow.Vector))
                continue;
            property.SetValue(row, Value(property));
        }

        return row;
    }

    private object? Value(PropertyInfo property)
    {
        var canBeNull = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        if (canBeNull && random.Next(4) == 0)
            return null;
        var type = property.PropertyType;
        if (type == typeof(string) || !typeof(System.Collections.IEnumerable).IsAssignableFrom(type))
            return Next(type);
        var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
        var values = Several(element, withNull: property.Name == nameof(FilterRow.Tags));
        return type.IsAssignableFrom(values.GetType()) ? values : Activator.CreateInstance(type, values);
    }
}
