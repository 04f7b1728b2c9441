using Lucene.Net.Util;

namespace SearchEngine.Lexical.Querying;

/// <summary>Field lengths in tokens as Lucene's BM25Similarity stores them, in one byte: 1/√length as a small float.</summary>
internal static class FieldLengths
{
    private static readonly float[] Table = MakeTable();

    internal static float Decode(long norm) => Table[(byte)norm];

    private static float[] MakeTable()
    {
        var table = new float[256];
        // Norm 0 is a document without the field.
        for (var i = 1; i < table.Length; i++)
        {
            var inverse = SmallSingle.SByte315ToSingle((sbyte)i);
            table[i] = 1 / (inverse * inverse);
        }
        return table;
    }
}
