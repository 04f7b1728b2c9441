using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;
using SearchEngine.Lexical.Analysis;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Querying;

/// <summary>Puts words that match nothing right, by the nearest words of the index.</summary>
internal sealed class SpellingCorrector(IndexReader reader, ClauseReader clauses, SearchedFields fields)
{
    /// <summary>Shorter words have too many neighbours.</summary>
    private const int MinLength = 4;

    /// <summary>From this length on two edits are one mistake rather than another word.</summary>
    private const int MinLengthOfTwoEdits = 7;

    /// <summary>
    /// Longer ones are no words, and looking for their neighbours costs the square of their length: one of 6000 letters took 11 s.
    /// </summary>
    internal const int MaxLength = 64;

    /// <summary>Texts of more words were not typed: they are searched for as they are.</summary>
    private const int MaxWords = 100;

    internal LexicalCorrection Correct(string text) =>
        LexicalSpelling.Replace(text, Unknown(text).Select(word => (word, LexicalSpelling.Nearest(word.Text, Neighbors(word.Text)))));

    /// <summary>The words that match nothing.</summary>
    internal IEnumerable<LexicalWord> Unknown(string text)
    {
        var pieces = WordScanner.Scan(text);
        if (pieces.Count > MaxWords)
            yield break;
        for (var i = 0; i < pieces.Count; i++)
        {
            if (IsPlain(pieces, i) && !Matches(pieces[i].Text))
                yield return new LexicalWord(pieces[i].Start, pieces[i].End, WordSet.Normalize(pieces[i].Text));
        }
    }

    /// <summary>The words of the index that are near a word, in no particular order.</summary>
    internal IEnumerable<LexicalWordCount> Neighbors(string word)
    {
        if (MultiFields.GetTerms(reader, FieldNames.Words) is not { } terms)
            yield break;
        var limit = LimitOf(word);
        var near = new FuzzyTermsEnum(terms, new AttributeSource(), new Term(FieldNames.Words, word), limit, 0, transpositions: true);
        while (near.MoveNext())
            yield return new LexicalWordCount(near.Term.Utf8ToString(), near.DocFreq);
    }

    /// <summary>Edits that are one mistake.</summary>
    internal static int LimitOf(string word) => word.Length >= MinLengthOfTwoEdits ? 2 : 1;

    /// <summary>A word of letters that is no part of a compound: names of things are not misspelt words.</summary>
    private static bool IsPlain(List<WordPiece> pieces, int at)
    {
        var piece = pieces[at];
        return piece.Type == TokenTypes.Word
            && piece.Text.Length is >= MinLength and <= MaxLength
            && piece.Text.All(char.IsLetter)
            && piece.Increment == 1
            && (at == 0 || !TokenTypes.HasParts(pieces[at - 1].Type) || pieces[at - 1].End <= piece.Start);
    }

    private bool Matches(string word) =>
        clauses.Words(word) is var wishes
        && (
            wishes.Count == 0
            || wishes.Exists(clause =>
                clause.Alternatives.Any(a => a.Terms.Any(term => fields.Lucene.Any(f => reader.DocFreq(new Term(f, term)) > 0)))
            )
        );
}
