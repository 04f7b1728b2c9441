using System.Globalization;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>Reads values as they are written in a query.</summary>
internal static class FieldValueReader
{
    /// <exception cref="ArgumentException">The text is no value of the field's kind.</exception>
    internal static object Read(LexicalField field, string written) =>
        field.Kind switch
        {
            LexicalFieldKind.String => written,
            LexicalFieldKind.Boolean when bool.TryParse(written, out var value) => value,
            LexicalFieldKind.Int64
                when long.TryParse(written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) => value,
            LexicalFieldKind.Double when double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) => value,
            _ => throw new ArgumentException($"'{written}' is no value of field '{field.Name}', which takes {ValueCodec.TypeName(field)}."),
        };
}
