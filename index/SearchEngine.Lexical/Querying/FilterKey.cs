using System.Globalization;
using System.Text;

namespace SearchEngine.Lexical.Querying;

/// <summary>A text that is equal for equal filters (same shape, same values in the same order), under which results are kept.</summary>
internal static class FilterKey
{
    /// <summary>Longer filters (long lists of values) are not kept: their keys would weigh more than the results.</summary>
    private const int MaxLength = 4096;

    /// <summary>The key; null where the filter is too long to keep.</summary>
    internal static string? Of(LexicalFilter filter)
    {
        var key = new StringBuilder();
        return Append(key, filter) ? key.ToString() : null;
    }

    private static bool Append(StringBuilder key, LexicalFilter filter)
    {
        key.Append(filter.GetType().Name).Append('(');
        var fits = filter switch
        {
            LexicalFilter.And f => f.Filters.All(part => Append(key, part)),
            LexicalFilter.Or f => f.Filters.All(part => Append(key, part)),
            LexicalFilter.Not f => Append(key, f.Inner),
            LexicalFilter.IsNull f => Append(key, f.Field, []),
            LexicalFilter.Equal f => Append(key, f.Field, [f.Value]),
            LexicalFilter.NotEqual f => Append(key, f.Field, [f.Value]),
            LexicalFilter.Less f => Append(key, f.Field, [f.Value]),
            LexicalFilter.LessOrEqual f => Append(key, f.Field, [f.Value]),
            LexicalFilter.Greater f => Append(key, f.Field, [f.Value]),
            LexicalFilter.GreaterOrEqual f => Append(key, f.Field, [f.Value]),
            LexicalFilter.In f => Append(key, f.Field, f.Values),
            LexicalFilter.Contains f => Append(key, f.Field, [f.Value]),
            LexicalFilter.Any f => Append(key, f.Field, f.Values),
            _ => true,
        };
        key.Append(')');
        return fits && key.Length <= MaxLength;
    }

    // Each text carries its length, so that no value can look like the end of another.
    private static bool Append(StringBuilder key, string field, IReadOnlyList<object?> values)
    {
        Append(key, field);
        foreach (var value in values)
        {
            Append(
                key,
                value switch
                {
                    null => "-",
                    byte[] bytes => "b" + Convert.ToHexString(bytes),
                    double or float => "d" + BitConverter.DoubleToInt64Bits(Convert.ToDouble(value, CultureInfo.InvariantCulture)),
                    string text => "s" + text,
                    _ => "i" + Convert.ToString(value, CultureInfo.InvariantCulture),
                }
            );
            if (key.Length > MaxLength)
                return false;
        }
        return true;
    }

    private static void Append(StringBuilder key, string text) => key.Append(text.Length).Append(':').Append(text);
}
