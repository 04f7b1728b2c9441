using System.Globalization;

namespace SearchEngine;

/// <summary>Reads values of fields as people write them in queries.</summary>
internal static class FieldText
{
    /// <exception cref="ArgumentException">The text is no value of the field's type.</exception>
    public static object Read(DataField field, string text)
    {
        var culture = CultureInfo.InvariantCulture;
        try
        {
            return field.Type switch
            {
                DataFieldType.String => text,
                DataFieldType.Boolean => bool.Parse(text),
                DataFieldType.Single => float.Parse(text, culture),
                DataFieldType.Double => double.Parse(text, culture),
                DataFieldType.DateTime => DateTime.Parse(text, culture, DateTimeStyles.RoundtripKind),
                DataFieldType.DateTimeOffset => DateTimeOffset.Parse(text, culture, DateTimeStyles.AssumeUniversal),
                DataFieldType.DateOnly => DateOnly.Parse(text, culture),
                DataFieldType.TimeOnly => TimeOnly.Parse(text, culture),
                DataFieldType.Guid => Guid.Parse(text),
                DataFieldType.Byte or DataFieldType.Int16 or DataFieldType.Int32 or DataFieldType.Int64 => Convert.ChangeType(
                    long.Parse(text, culture),
                    FieldValues.ClrType(field.Type),
                    culture
                ),
                _ => throw new FormatException(),
            };
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new ArgumentException($"'{text}' is no value of field '{field.Name}', which is {field.Type}.", e);
        }
    }
}
