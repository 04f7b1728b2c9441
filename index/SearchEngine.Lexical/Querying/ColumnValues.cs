using System.Diagnostics.CodeAnalysis;
using Lucene.Net.Util;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>Values read back from index terms, and their order.</summary>
internal static class ColumnValues
{
    /// <summary>The value of a term; false for the coarser terms of numbers, which stand for many values.</summary>
    internal static bool TryRead(LexicalField field, BytesRef term, [NotNullWhen(true)] out object? value)
    {
        value = null;
        if (field.Kind is LexicalFieldKind.String or LexicalFieldKind.Bytes)
        {
            value = field.Kind == LexicalFieldKind.String ? ValueCodec.ToText(term) : term.Bytes.AsSpan(term.Offset, term.Length).ToArray();
            return true;
        }
        if (NumericUtils.GetPrefixCodedInt64Shift(term) != 0)
            return false;
        var sortable = NumericUtils.PrefixCodedToInt64(term);
        value = field.Kind switch
        {
            LexicalFieldKind.Boolean => sortable != 0,
            LexicalFieldKind.Double => NumericUtils.SortableInt64ToDouble(sortable),
            _ => sortable,
        };
        return true;
    }

    /// <summary>The order of a kind's values: that of filters, and NaN behind all numbers.</summary>
    internal static int Compare(object a, object b) =>
        (a, b) switch
        {
            (string x, string y) => string.CompareOrdinal(x, y),
            (double x, double y) => double.IsNaN(x) || double.IsNaN(y) ? double.IsNaN(x).CompareTo(double.IsNaN(y)) : x.CompareTo(y),
            (byte[] x, byte[] y) => x.AsSpan().SequenceCompareTo(y),
            (IComparable x, _) => x.CompareTo(b),
            _ => throw new ArgumentException($"{a.GetType().Name} has no order."),
        };

    /// <summary>A value as columns have it: narrower integers and floats widened.</summary>
    /// <exception cref="ArgumentException">It is not of the field's kind.</exception>
    internal static object Widen(LexicalField field, object value)
    {
        switch (field.Kind)
        {
            case LexicalFieldKind.Int64:
                return ValueCodec.ToSortable(field, value);
            case LexicalFieldKind.Double:
                ValueCodec.ToSortable(field, value);
                return Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
            default:
                ValueCodec.ToTerm(field, value);
                return value;
        }
    }
}
