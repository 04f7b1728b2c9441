using System.Globalization;

namespace SearchEngine.Ingestion;

/// <summary>Reads what documents say of themselves as values of fields, culture-invariant.</summary>
internal static class PropertyValue
{
    /// <summary>The value of a type; null where the text is none.</summary>
    internal static object? Of(DataFieldType type, string text)
    {
        var invariant = CultureInfo.InvariantCulture;
        return type switch
        {
            DataFieldType.String => text,
            DataFieldType.Boolean => bool.TryParse(text, out var value) ? value : null,
            DataFieldType.Int32 => int.TryParse(text, NumberStyles.Integer, invariant, out var value) ? value : null,
            DataFieldType.Int64 => long.TryParse(text, NumberStyles.Integer, invariant, out var value) ? value : null,
            DataFieldType.Single => float.TryParse(text, NumberStyles.Float, invariant, out var value) ? value : null,
            DataFieldType.Double => double.TryParse(text, NumberStyles.Float, invariant, out var value) ? value : null,
            DataFieldType.DateTime => DateTime.TryParse(
                text,
                invariant,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var value
            )
                ? value
                : null,
            DataFieldType.DateOnly => DateOnly.TryParse(text, invariant, DateTimeStyles.None, out var value) ? value : null,
            _ => null,
        };
    }
}
