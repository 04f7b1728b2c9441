using System.Text.Json;

namespace SearchEngine.Migration;

/// <summary>JSON as a row's values.</summary>
internal static class JsonScalars
{
    /// <summary>Scalars as they are, lists of scalars as lists, all else as JSON text.</summary>
    public static object? ValueOf(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => null,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number => NumberOf(element),
            JsonValueKind.Array when element.EnumerateArray().All(IsScalar) => element.EnumerateArray().Select(ValueOf).ToArray(),
            _ => new JsonValue(JsonSerializer.Serialize(element)),
        };

    /// <summary>An array of numbers as a vector; null where it is none.</summary>
    public static float[]? VectorOf(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array)
            return null;
        var vector = new float[element.GetArrayLength()];
        var at = 0;
        foreach (var item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number)
                return null;
            vector[at++] = item.GetSingle();
        }

        return vector;
    }

    private static bool IsScalar(JsonElement element) => element.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object);

    private static object NumberOf(JsonElement element)
    {
        if (element.TryGetInt64(out var integer))
            return integer;
        // Written as a whole number and too large for 64 bits: a double would round it.
        if (element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0)
            return element.TryGetDecimal(out var large) ? large : new UnmappedValue("a whole number of more than 28 digits");
        return element.GetDouble();
    }
}
