using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>The full-text fields that a query searches, as one text in which field f stands <c>Weights[f]</c> times.</summary>
internal sealed class SearchedFields
{
    internal SearchedFields(IReadOnlyList<LexicalField> fields)
    {
        Fields = fields;
        Lucene = [.. fields.Select(f => FieldNames.Text(f.Name))];
        // Alone, a field's weight is a plain factor of the score: saturation sees the true frequencies.
        Weights = fields.Count == 1 ? [1f] : [.. fields.Select(f => f.Boost)];
        Scale = fields.Count == 1 ? fields[0].Boost : 1;
        Key = string.Join('\n', Lucene.Zip(Weights, (name, weight) => name + '\t' + BitConverter.SingleToInt32Bits(weight)));
    }

    internal IReadOnlyList<LexicalField> Fields { get; }

    /// <summary>Names of the Lucene fields.</summary>
    internal string[] Lucene { get; }

    internal float[] Weights { get; }

    /// <summary>A factor of every score.</summary>
    internal float Scale { get; }

    /// <summary>Equal for equal fields and weights: names what is cached of them.</summary>
    internal string Key { get; }
}
