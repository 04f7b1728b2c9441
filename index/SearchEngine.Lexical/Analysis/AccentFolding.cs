using System.Globalization;
using System.Text;
using Lucene.Net.Analysis.Miscellaneous;

namespace SearchEngine.Lexical.Analysis;

/// <summary>
/// Removes accents, takes ligatures apart, and writes accents that are characters of their own together with their letters. It does not
/// rest on the runtime's normalization, which does nothing where globalization is invariant.
/// </summary>
internal static class AccentFolding
{
    private const char FirstMark = '\u0300';
    private const char LastMark = '\u036F';

    private static readonly Dictionary<char, char> Greek = "άέήίόύώϊϋΐΰς".Zip("αεηιουωιυιυσ").ToDictionary(p => p.First, p => p.Second);

    private static readonly Dictionary<(char Letter, char Mark), char> Composed = Table(
        ('\u0300', "àèìòùǹÀÈÌÒÙǸ"),
        ('\u0301', "áéíóúýćĺńŕśźÁĆÉÍĹŃÓŔŚÚÝŹ"),
        ('\u0302', "âêîôûÂÊÎÔÛĉĝŝŵŷ"),
        ('\u0303', "ãñõÃÑÕĩũ"),
        ('\u0308', "äëïöüÿÄËÏÖÜ"),
        ('\u030A', "åůÅŮ"),
        ('\u0327', "çşÇŞţ"),
        ('\u030C', "čďěňřšťžČĎĚŇŘŠŤŽ")
    );

    /// <summary>A text with the accents of Latin letters written together with them; itself where there are none apart.</summary>
    internal static string Compose(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstMark, LastMark))
            return text;
        var composed = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is >= FirstMark and <= LastMark && composed.Length > 0 && Composed.TryGetValue((composed[^1], c), out var letter))
                composed[^1] = letter;
            else
                composed.Append(c);
        }
        return composed.ToString();
    }

    /// <summary>The form without accents and ligatures; the text itself where it has none.</summary>
    internal static string Fold(string text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text;
        var output = new char[text.Length * 4];
        var length = ASCIIFoldingFilter.FoldToASCII(text.ToCharArray(), 0, output, 0, text.Length);
        var kept = 0;
        for (var i = 0; i < length; i++)
        {
            if (output[i] is >= FirstMark and <= LastMark)
                continue;
            output[kept++] = Greek.TryGetValue(output[i], out var plain) ? plain : output[i];
        }
        return text.AsSpan().SequenceEqual(output.AsSpan(0, kept)) ? text : new string(output, 0, kept);
    }

    private static Dictionary<(char, char), char> Table(params (char Mark, string Composed)[] rows) =>
        rows.SelectMany(row => row.Composed.Select(letter => ((Fold(letter.ToString())[0], row.Mark), letter)))
            .ToDictionary(p => p.Item1, p => p.letter);
}
