using System.Text;
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

    /// <summary>
    /// A distance of one counts this many times as much as a document: a near word in few documents beats a far one in many.
    /// </summary>
    private const double DistanceWeight = 1000;

    internal LexicalCorrection Correct(string text)
    {
        var words = new List<LexicalWordCorrection>();
        var corrected = new StringBuilder();
        var copied = 0;
        var pieces = WordScanner.Scan(text);
        if (pieces.Count > MaxWords)
            return new LexicalCorrection(text, words);
        for (var i = 0; i < pieces.Count; i++)
        {
            if (!IsPlain(pieces, i) || Matches(pieces[i].Text) || Nearest(WordSet.Normalize(pieces[i].Text)) is not { } nearest)
                continue;
            words.Add(new LexicalWordCorrection(pieces[i].Start, text[pieces[i].Start..pieces[i].End], nearest));
            corrected.Append(text, copied, pieces[i].Start - copied).Append(nearest);
            copied = pieces[i].End;
        }
        return new LexicalCorrection(words.Count == 0 ? text : corrected.Append(text, copied, text.Length - copied).ToString(), words);
    }

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

    private string? Nearest(string word)
    {
        if (MultiFields.GetTerms(reader, FieldNames.Words) is not { } terms)
            return null;
        var limit = word.Length >= MinLengthOfTwoEdits ? 2 : 1;
        var near = new FuzzyTermsEnum(terms, new AttributeSource(), new Term(FieldNames.Words, word), limit, 0, transpositions: true);
        (string Word, double Score)? best = null;
        while (near.MoveNext())
        {
            var candidate = near.Term.Utf8ToString();
            var distance = WordDistance.Between(word, candidate, limit);
            if (distance > limit)
                continue;
            // Beginnings are seldom wrong.
            var score = Math.Log(1 + near.DocFreq) - distance * Math.Log(DistanceWeight) + (candidate[0] == word[0] ? Math.Log(10) : 0);
            if (
                best is null
                || score > best.Value.Score
                || score == best.Value.Score && string.CompareOrdinal(candidate, best.Value.Word) < 0
            )
            {
                best = (candidate, score);
            }
        }
        return best?.Word;
    }
}
