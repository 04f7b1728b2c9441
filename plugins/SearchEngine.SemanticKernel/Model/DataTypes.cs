using System.Collections;

namespace SearchEngine.SemanticKernel;

/// <summary>The .NET types of data properties, and the engine's field types that hold them.</summary>
internal static class DataTypes
{
    /// <summary>The supported types, for messages.</summary>
    public const string Supported =
        "string, bool, byte, sbyte, short, ushort, int, uint, long, float, double, decimal, DateTime, DateTimeOffset, DateOnly, TimeOnly, Guid, enums, byte[], "
        + "their nullable forms, and T[], List<T>, HashSet<T> or a collection interface of them";

    private static readonly Dictionary<Type, DataFieldType> Scalars = new()
    {
        [typeof(string)] = DataFieldType.String,
        [typeof(bool)] = DataFieldType.Boolean,
        [typeof(byte)] = DataFieldType.Byte,
        [typeof(sbyte)] = DataFieldType.Int16,
        [typeof(short)] = DataFieldType.Int16,
        [typeof(ushort)] = DataFieldType.Int32,
        [typeof(int)] = DataFieldType.Int32,
        [typeof(uint)] = DataFieldType.Int64,
        [typeof(long)] = DataFieldType.Int64,
        [typeof(float)] = DataFieldType.Single,
        [typeof(double)] = DataFieldType.Double,
        [typeof(decimal)] = DataFieldType.Decimal,
        [typeof(DateTime)] = DataFieldType.DateTime,
        [typeof(DateTimeOffset)] = DataFieldType.DateTimeOffset,
        [typeof(DateOnly)] = DataFieldType.DateOnly,
        [typeof(TimeOnly)] = DataFieldType.TimeOnly,
        [typeof(Guid)] = DataFieldType.Guid,
        [typeof(byte[])] = DataFieldType.Bytes,
    };

    private static readonly HashSet<Type> ListDefinitions =
    [
        typeof(List<>),
        typeof(IList<>),
        typeof(ICollection<>),
        typeof(IEnumerable<>),
        typeof(IReadOnlyList<>),
        typeof(IReadOnlyCollection<>),
        typeof(HashSet<>),
        typeof(ISet<>),
        typeof(IReadOnlySet<>),
    ];

    /// <summary>The field type and whether it is a list; false where the .NET type is not supported.</summary>
    public static bool TryMap(Type type, out DataFieldType fieldType, out bool isList)
    {
        isList = false;
        if (TryMapScalar(type, out fieldType))
            return true;
        if (GetElementType(type) is not { } element || !TryMapScalar(element, out fieldType) || fieldType == DataFieldType.Bytes)
            return false;
        isList = true;
        return true;
    }

    /// <summary>The element type of a list type; null for any other.</summary>
    public static Type? GetElementType(Type type)
    {
        if (type == typeof(byte[]))
            return null;
        if (type.IsSZArray)
            return type.GetElementType();
        return type.IsGenericType && ListDefinitions.Contains(type.GetGenericTypeDefinition()) ? type.GetGenericArguments()[0] : null;
    }

    /// <summary>The .NET type that the engine uses for a field's values.</summary>
    public static Type GetStoredType(DataFieldType type) =>
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
            _ => throw new NotSupportedException($"Field type {type} is not known to this connector."),
        };

    /// <summary>A property's value as the engine stores it.</summary>
    public static object? ToStored(object? value, DataFieldType fieldType, bool isList)
    {
        if (value is null)
            return null;
        if (!isList)
            return ToStoredScalar(value, fieldType);
        var list = new List<object?>();
        foreach (var item in (IEnumerable)value)
            list.Add(item is null ? null : ToStoredScalar(item, fieldType));
        return list;
    }

    /// <summary>A stored value in the property's type.</summary>
    public static object? FromStored(object? value, Type type)
    {
        if (value is null)
            return null;
        if (GetElementType(type) is not { } element || value is string)
            return FromStoredScalar(value, type);
        var source = (IEnumerable)value;
        if (type.IsInstanceOfType(value) && (type.IsSZArray || type.IsClass))
            return value;
        var items = new List<object?>();
        foreach (var item in source)
            items.Add(item is null ? null : FromStoredScalar(item, element));
        if (type.IsSZArray)
        {
            var array = Array.CreateInstance(element, items.Count);
            for (var i = 0; i < items.Count; i++)
                array.SetValue(items[i], i);
            return array;
        }

        var definition = type.GetGenericTypeDefinition();
        if (definition == typeof(HashSet<>) || definition == typeof(ISet<>) || definition == typeof(IReadOnlySet<>))
        {
            var set = Activator.CreateInstance(typeof(HashSet<>).MakeGenericType(element))!;
            var add = set.GetType().GetMethod(nameof(HashSet<object>.Add))!;
            foreach (var item in items)
                add.Invoke(set, [item]);
            return set;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        foreach (var item in items)
            list.Add(item);
        return list;
    }

    private static bool TryMapScalar(Type type, out DataFieldType fieldType)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum)
            type = typeof(long);
        return Scalars.TryGetValue(type, out fieldType);
    }

    private static object ToStoredScalar(object value, DataFieldType fieldType) =>
        value switch
        {
            Enum => Convert.ToInt64(value, null),
            sbyte or ushort or uint => Convert.ChangeType(value, GetStoredType(fieldType), null),
            _ => value,
        };

    private static object FromStoredScalar(object value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsInstanceOfType(value))
            return value;
        if (type.IsEnum)
            return Enum.ToObject(type, Convert.ToInt64(value, null));
        return Convert.ChangeType(value, type, null);
    }
}
