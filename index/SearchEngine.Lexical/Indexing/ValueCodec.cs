using System.Security.Cryptography;
using System.Text;
using Lucene.Net.Util;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Encodes values as index terms whose byte order is the order of the values.
/// Strings are written as CESU-8 (each UTF-16 code unit on its own as 1 to 3 bytes): its byte order is
/// <see cref="string.CompareOrdinal(string, string)"/>, and unpaired surrogates survive. A value whose encoding is longer than
/// <see cref="MaxTermBytes"/> is indexed as its first <see cref="MaxTermBytes"/> bytes (whole code units) and the SHA-256 of all:
/// equality stays exact, and order is exact up to the cut.
/// </summary>
internal static class ValueCodec
{
    /// <summary>Lucene's hard limit is 32,766 bytes; the rest leaves room for the hash.</summary>
    internal const int MaxTermBytes = 24_000;

    /// <summary>Converts a scalar of a numeric or Boolean field to its sortable 64-bit form.</summary>
    internal static long ToSortable(LexicalField field, object value) =>
        field.Kind switch
        {
            LexicalFieldKind.Boolean when value is bool b => b ? 1 : 0,
            LexicalFieldKind.Int64 => value switch
            {
                long v => v,
                int v => v,
                short v => v,
                sbyte v => v,
                byte v => v,
                ushort v => v,
                uint v => v,
                _ => throw WrongType(field, value),
            },
            LexicalFieldKind.Double => value switch
            {
                double v => ToSortable(v),
                float v => ToSortable(v),
                _ => throw WrongType(field, value),
            },
            _ => throw WrongType(field, value),
        };

    /// <summary>The term of a scalar of any kind.</summary>
    internal static BytesRef ToTerm(LexicalField field, object value)
    {
        switch (field.Kind)
        {
            case LexicalFieldKind.String:
                return value is string text ? ToTerm(text) : throw WrongType(field, value);
            case LexicalFieldKind.Bytes:
                return value is byte[] bytes ? Bounded((byte[])bytes.Clone(), MaxTermBytes) : throw WrongType(field, value);
            default:
                var term = new BytesRef(NumericUtils.BUF_SIZE_INT64);
                NumericUtils.Int64ToPrefixCoded(ToSortable(field, value), 0, term);
                return term;
        }
    }

    internal static bool IsNaN(object value) => value is double.NaN or float.NaN;

    internal static string TypeName(LexicalField field) =>
        field.Kind switch
        {
            LexicalFieldKind.String => "string",
            LexicalFieldKind.Boolean => "bool",
            LexicalFieldKind.Int64 => "long (or a narrower integer)",
            LexicalFieldKind.Double => "double (or float)",
            _ => "byte[]",
        };

    private static long ToSortable(double value) =>
        // -0 == 0 in C#, but their sortable forms differ.
        NumericUtils.DoubleToSortableInt64(value == 0 ? 0.0 : value);

    private static BytesRef ToTerm(string text)
    {
        var size = 0;
        foreach (var unit in text)
        {
            size +=
                unit < 0x80 ? 1
                : unit < 0x800 ? 2
                : 3;
        }
        var bytes = new byte[size];
        var at = 0;
        var cut = 0;
        foreach (var unit in text)
        {
            if (unit < 0x80)
            {
                bytes[at++] = (byte)unit;
            }
            else if (unit < 0x800)
            {
                bytes[at++] = (byte)(0xC0 | (unit >> 6));
                bytes[at++] = (byte)(0x80 | (unit & 0x3F));
            }
            else
            {
                bytes[at++] = (byte)(0xE0 | (unit >> 12));
                bytes[at++] = (byte)(0x80 | ((unit >> 6) & 0x3F));
                bytes[at++] = (byte)(0x80 | (unit & 0x3F));
            }
            if (at <= MaxTermBytes)
                cut = at;
        }
        return Bounded(bytes, cut);
    }

    /// <summary>
    /// The text of a string's term; of one longer than <see cref="MaxTermBytes"/> its beginning, and what its hash looks like as text.
    /// </summary>
    internal static string ToText(BytesRef term)
    {
        var text = new StringBuilder(term.Length);
        var bytes = term.Bytes.AsSpan(term.Offset, term.Length);
        for (var at = 0; at < bytes.Length; )
        {
            var first = bytes[at];
            var size =
                first < 0x80 ? 1
                : first < 0xE0 ? 2
                : 3;
            if (at + size > bytes.Length)
                break;
            text.Append(
                (char)(
                    size switch
                    {
                        1 => first,
                        2 => (first & 0x1F) << 6 | bytes[at + 1] & 0x3F,
                        _ => (first & 0x0F) << 12 | (bytes[at + 1] & 0x3F) << 6 | bytes[at + 2] & 0x3F,
                    }
                )
            );
            at += size;
        }
        return text.ToString();
    }

    private static BytesRef Bounded(byte[] bytes, int cut)
    {
        if (bytes.Length <= MaxTermBytes)
            return new BytesRef(bytes);
        var bounded = new byte[cut + SHA256.HashSizeInBytes];
        bytes.AsSpan(0, cut).CopyTo(bounded);
        SHA256.HashData(bytes, bounded.AsSpan(cut));
        return new BytesRef(bounded);
    }

    private static ArgumentException WrongType(LexicalField field, object value) =>
        new($"Field '{field.Name}' takes {TypeName(field)}, not {value.GetType().Name}.");
}
