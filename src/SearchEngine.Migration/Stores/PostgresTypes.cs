using System.Globalization;
using System.Text;

namespace SearchEngine.Migration;

/// <summary>Values as PostgreSQL writes them, by the column's declared type.</summary>
internal static class PostgresTypes
{
    /// <summary>The value of a text; what no type of ours can hold becomes an <see cref="UnmappedValue"/>.</summary>
    public static object? ValueOf(string? text, string? type)
    {
        if (text is null)
            return null;
        if (type is null)
            return new UntypedText(text);
        try
        {
            return type.EndsWith("[]", StringComparison.Ordinal) ? ArrayOf(text, type[..^2]) : ScalarOf(text, type);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return new UnmappedValue($"'{Shorten(text)}' as {type}");
        }
    }

    /// <summary>A type without its length, schema and spelling.</summary>
    public static string Normalize(string type)
    {
        var plain = System.Text.RegularExpressions.Regex.Replace(type.ToLowerInvariant(), @"\([^)]*\)", string.Empty).Trim();
        var isArray = plain.EndsWith("[]", StringComparison.Ordinal);
        plain = plain.Replace("[]", string.Empty, StringComparison.Ordinal).Trim();
        plain = plain[(plain.LastIndexOf('.') + 1)..].Trim('"');
        return string.Join(' ', plain.Split(' ', StringSplitOptions.RemoveEmptyEntries)) + (isArray ? "[]" : string.Empty);
    }

    /// <summary>"[1,2.5,-3e-2]"; null where the text is none.</summary>
    public static float[]? VectorOf(string text)
    {
        if (text.Length < 3 || text[0] != '[' || text[^1] != ']')
            return null;
        var parts = text[1..^1].Split(',');
        var vector = new float[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!float.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out vector[i]))
                return null;
        }

        return vector;
    }

    private static object? ScalarOf(string text, string type) =>
        type switch
        {
            "vector" or "halfvec" => VectorOf(text) ?? throw new FormatException(),
            "sparsevec" => new UnmappedValue("a sparse vector"),
            "bit" or "bit varying" => new UnmappedValue("a bit string"),
            "smallint" or "integer" or "bigint" or "serial" or "bigserial" => long.Parse(text, CultureInfo.InvariantCulture),
            "real" => float.Parse(text, CultureInfo.InvariantCulture),
            "double precision" => double.Parse(text, CultureInfo.InvariantCulture),
            "numeric" => decimal.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture),
            "boolean" => text is "t" or "true" || (text is "f" or "false" ? false : throw new FormatException()),
            "uuid" => Guid.Parse(text),
            "date" => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            "timestamp with time zone" => DateTimeOffset.Parse(Offset(text), CultureInfo.InvariantCulture),
            "timestamp without time zone" or "timestamp" => DateTime.Parse(text, CultureInfo.InvariantCulture),
            "time without time zone" or "time" => TimeOnly.Parse(text, CultureInfo.InvariantCulture),
            "bytea" => text.StartsWith("\\x", StringComparison.Ordinal) ? Convert.FromHexString(text[2..]) : throw new FormatException(),
            "json" or "jsonb" => new JsonValue(text),
            _ => text,
        };

    /// <summary>An offset of whole hours is written "+02", which .NET takes only with its minutes.</summary>
    private static string Offset(string text) => text.Length > 3 && text[^3] is '+' or '-' ? text + ":00" : text;

    /// <summary>{a,"b c",NULL}; arrays of arrays have no counterpart.</summary>
    private static object ArrayOf(string text, string type)
    {
        if (text.Length < 2 || text[0] != '{' || text[^1] != '}')
            throw new FormatException();
        var items = new List<object?>();
        var value = new StringBuilder();
        var (isQuoted, wasQuoted) = (false, false);
        var body = text[1..^1];
        for (var at = 0; at <= body.Length; at++)
        {
            var character = at < body.Length ? body[at] : ',';
            if (at < body.Length && character == '\\')
            {
                value.Append(body[++at]);
            }
            else if (at < body.Length && character == '"')
            {
                isQuoted = !isQuoted;
                wasQuoted = true;
            }
            else if (character == ',' && !isQuoted)
            {
                if (value.Length > 0 || wasQuoted || body.Length > 0)
                    items.Add(!wasQuoted && value.ToString() == "NULL" ? null : ScalarOf(value.ToString(), type));
                value.Clear();
                wasQuoted = false;
            }
            else if (character == '{' && !isQuoted)
            {
                return new UnmappedValue("an array of arrays");
            }
            else
            {
                value.Append(character);
            }
        }

        return items.ToArray();
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
