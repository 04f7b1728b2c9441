using System.Collections;
using Lucene.Net.Documents;
using Lucene.Net.Index;
using Lucene.Net.Util;

namespace SearchEngine.Lexical.Indexing;

/// <summary>Turns a <see cref="LexicalDocument"/> into a Lucene document. Nothing is stored: the caller has the records.</summary>
internal sealed class DocumentBuilder(LexicalSchema schema, bool keepsWords)
{
    /// <summary>Bits per trie level of numeric terms: 8 terms a value, a range visits a few hundred terms at most.</summary>
    internal const int PrecisionStep = 8;

    private static readonly FieldType TextType = Frozen(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS, omitNorms: false);
    private static readonly FieldType TermType = Frozen(IndexOptions.DOCS_ONLY, omitNorms: true);
    private static readonly FieldType NumberType = new FieldType(TermType)
    {
        NumericType = NumericType.INT64,
        NumericPrecisionStep = PrecisionStep,
    }.Freeze();

    private readonly Dictionary<string, LexicalField> _fields = schema.Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);

    internal static Term OrdinalTerm(int ordinal)
    {
        var bytes = new byte[sizeof(int)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, ordinal);
        return new Term(FieldNames.Ordinal, new BytesRef(bytes));
    }

    /// <exception cref="ArgumentException">A field is unknown, given twice, or a value is of the wrong type.</exception>
    internal Document Build(LexicalDocument document, Term ordinalTerm)
    {
        var result = new Document
        {
            new Field(FieldNames.Ordinal, new BinaryTermStream(ordinalTerm.Bytes), TermType),
            new NumericDocValuesField(FieldNames.Ordinal, document.Ordinal),
        };
        var words = keepsWords ? new WordSet() : null;
        for (var i = 0; i < document.Values.Count; i++)
        {
            (var name, var value) = document.Values[i];
            if (!_fields.TryGetValue(name, out var field))
                throw new ArgumentException($"Field '{name}' of document {document.Ordinal} is not in the schema.");
            for (var j = 0; j < i; j++)
            {
                if (document.Values[j].Field == name)
                    throw new ArgumentException($"Field '{name}' of document {document.Ordinal} is given twice.");
            }
            if (value is not null)
                AddField(result, field, value, words);
        }
        if (words is { IsEmpty: false })
            result.Add(new Field(FieldNames.Words, new WordSetStream(words), TermType));
        return result;
    }

    private static void AddField(Document document, LexicalField field, object value, WordSet? words)
    {
        if (field.IsFilterable)
            document.Add(new StringField(FieldNames.Present, field.Name, Field.Store.NO));
        if (!field.IsList)
        {
            AddScalar(document, field, value, words);
            return;
        }
        if (value is string or byte[] or not IEnumerable)
            throw new ArgumentException($"Field '{field.Name}' takes a list of {ValueCodec.TypeName(field)}, not {value.GetType().Name}.");
        var hasNull = false;
        foreach (var element in (IEnumerable)value)
        {
            if (element is not null)
                AddScalar(document, field, element, words);
            else
                hasNull = true;
        }
        if (hasNull && field.IsFilterable)
            document.Add(new StringField(FieldNames.NullElement, field.Name, Field.Store.NO));
    }

    private static void AddScalar(Document document, LexicalField field, object value, WordSet? words)
    {
        if (field.IsFilterable)
        {
            var name = FieldNames.Value(field.Name);
            if (field.Kind is LexicalFieldKind.String or LexicalFieldKind.Bytes)
                document.Add(new Field(name, new BinaryTermStream(ValueCodec.ToTerm(field, value)), TermType));
            else
                document.Add(new Int64Field(name, ValueCodec.ToSortable(field, value), NumberType));
        }
        if (field.IsFullText)
        {
            if (value is string written)
                words?.Add(written);
            document.Add(
                value is string text
                    ? new Field(FieldNames.Text(field.Name), text, TextType)
                    : throw new ArgumentException($"Field '{field.Name}' takes string, not {value.GetType().Name}.")
            );
        }
    }

    private static FieldType Frozen(IndexOptions options, bool omitNorms) =>
        new FieldType
        {
            IsIndexed = true,
            IsTokenized = true,
            IndexOptions = options,
            OmitNorms = omitNorms,
        }.Freeze();
}
