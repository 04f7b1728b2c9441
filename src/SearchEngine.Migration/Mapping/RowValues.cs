using System.Globalization;

namespace SearchEngine.Migration;

/// <summary>A row's values as those of fields.</summary>
internal static class RowValues
{
    /// <summary>A key's text; null where the value can be no key.</summary>
    public static string? KeyText(object? value) =>
        value switch
        {
            string text => text,
            UntypedText text => text.Text,
            long number => number.ToString(CultureInfo.InvariantCulture),
            Guid guid => guid.ToString(),
            _ => null,
        };

    public static RecordKey KeyOf(object? value, RecordKeyKind kind)
    {
        var text = KeyText(value)!;
        return kind switch
        {
            RecordKeyKind.Int64 => RecordKey.From(long.Parse(text, CultureInfo.InvariantCulture)),
            RecordKeyKind.Int32 => RecordKey.From(int.Parse(text, CultureInfo.InvariantCulture)),
            RecordKeyKind.Guid => RecordKey.From(Guid.Parse(text)),
            _ => RecordKey.From(text),
        };
    }

    /// <summary>A value as a field's.</summary>
    /// <exception cref="FormatException">It cannot be read as the type.</exception>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public static object? FieldOf(object? value, DataField field)
    {
        if (value is null)
            return null;
        if (!field.IsList)
            return Scalar(value, field.Type);
        if (value is float[] numbers)
            return field.Type == DataFieldType.Single ? numbers : Array.ConvertAll(numbers, number => (double)number);
        var items = (value as object?[] ?? [value]).Select(item => item is null ? null : Scalar(item, field.Type)).ToArray();
        var type = items.FirstOrDefault(item => item is not null)?.GetType() ?? typeof(string);
        var typed = Array.CreateInstance(type, items.Length);
        Array.Copy(items, typed, items.Length);
        return typed;
    }

    /// <summary>A vector; null where there is none.</summary>
    public static float[]? VectorOf(object? value) =>
        value switch
        {
            float[] vector => vector,
            UntypedText text => PostgresTypes.VectorOf(text.Text),
            _ => null,
        };

    private static object Scalar(object value, DataFieldType type)
    {
        var plain = value is UntypedText untyped ? untyped.Text : value;
        return type switch
        {
            DataFieldType.String => TextOf(plain),
            DataFieldType.Boolean when plain is string text => text is "t" or "true" or "1"
                || (text is "f" or "false" or "0" ? false : throw new FormatException()),
            DataFieldType.Boolean when plain is long number => number is 1 || (number is 0 ? false : throw new FormatException()),
            DataFieldType.DateTime when plain is string text => DateTime.Parse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.RoundtripKind
            ),
            DataFieldType.DateTime when plain is long number => DateTimeOffset.FromUnixTimeSeconds(number).UtcDateTime,
            DataFieldType.DateTime when plain is DateTimeOffset time => time.UtcDateTime,
            DataFieldType.DateTimeOffset when plain is string text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture),
            DataFieldType.DateOnly when plain is string text => DateOnly.Parse(text, CultureInfo.InvariantCulture),
            DataFieldType.Guid when plain is string text => Guid.Parse(text),
            DataFieldType.Int32 => Convert.ToInt32(plain, CultureInfo.InvariantCulture),
            DataFieldType.Int64 => Convert.ToInt64(plain, CultureInfo.InvariantCulture),
            DataFieldType.Single => Convert.ToSingle(plain, CultureInfo.InvariantCulture),
            DataFieldType.Double => Convert.ToDouble(plain, CultureInfo.InvariantCulture),
            DataFieldType.Decimal => Convert.ToDecimal(plain, CultureInfo.InvariantCulture),
            _ => plain,
        };
    }

    private static string TextOf(object value) =>
        value switch
        {
            string text => text,
            JsonValue json => json.Text,
            bool flag => flag ? "true" : "false",
            DateTime or DateTimeOffset or DateOnly or TimeOnly => ((IFormattable)value).ToString("O", CultureInfo.InvariantCulture),
            byte[] bytes => Convert.ToBase64String(bytes),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => throw new FormatException(),
        };
}
