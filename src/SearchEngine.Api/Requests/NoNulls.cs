using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SearchEngine.Api.Requests;

/// <summary>Lists of requests hold no nulls: none of them means anything, and the code that reads the lists relies on it.</summary>
internal static class NoNulls
{
    /// <summary>Refuses nulls in the lists of a type's objects as they are read.</summary>
    public static void Require(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.Assembly != typeof(NoNulls).Assembly)
            return;
        var lists = type.Properties.Where(property => property.Get is not null && IsListOfReferences(property.PropertyType)).ToArray();
        if (lists.Length > 0)
            type.OnDeserialized = read => Check(read, lists);
    }

    private static bool IsListOfReferences(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) && !type.GenericTypeArguments[0].IsValueType;

    private static void Check(object read, JsonPropertyInfo[] lists)
    {
        foreach (var list in lists)
        {
            foreach (var item in (IEnumerable?)list.Get!(read) ?? Array.Empty<object>())
            {
                if (item is null)
                    throw new JsonException($"'{list.Name}' holds a null.");
            }
        }
    }
}
