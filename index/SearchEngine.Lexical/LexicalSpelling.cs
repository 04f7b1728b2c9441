using System.Text;
using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical;

/// <summary>
/// What words that match nothing are put right to, of the words of one index or of several: a decision that depends on nothing but the
/// words near by and how frequent they are. <see cref="LexicalIndex.UnknownWords"/> and <see cref="LexicalIndex.Neighbors"/> give them.
/// </summary>
public static class LexicalSpelling
{
    /// <summary>
    /// A distance of one counts this many times as much as a document: a near word in few documents beats a far one in many.
    /// </summary>
    private const double DistanceWeight = 1000;

    /// <summary>The word meant; null where there is none near.</summary>
    /// <param name="word">A word that matches nothing.</param>
    /// <param name="neighbors">Words near it, each once.</param>
    public static string? Nearest(string word, IEnumerable<LexicalWordCount> neighbors)
    {
        ArgumentException.ThrowIfNullOrEmpty(word);
        ArgumentNullException.ThrowIfNull(neighbors);
        var limit = SpellingCorrector.LimitOf(word);
        (string Word, double Score)? best = null;
        foreach (var (candidate, documents) in neighbors)
        {
            var distance = WordDistance.Between(word, candidate, limit);
            if (distance > limit)
                continue;
            // Beginnings are seldom wrong.
            var score = Math.Log(1 + documents) - distance * Math.Log(DistanceWeight) + (candidate[0] == word[0] ? Math.Log(10) : 0);
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

    /// <summary>A text with words replaced.</summary>
    /// <param name="text">The text.</param>
    /// <param name="words">Words of it, in order, each with what takes its place; null leaves it.</param>
    public static LexicalCorrection Replace(string text, IEnumerable<(LexicalWord Word, string? Corrected)> words)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(words);
        var replaced = new List<LexicalWordCorrection>();
        var corrected = new StringBuilder();
        var copied = 0;
        foreach (var (word, with) in words)
        {
            if (with is null)
                continue;
            replaced.Add(new LexicalWordCorrection(word.Start, text[word.Start..word.End], with));
            corrected.Append(text, copied, word.Start - copied).Append(with);
            copied = word.End;
        }

        return new LexicalCorrection(
            replaced.Count == 0 ? text : corrected.Append(text, copied, text.Length - copied).ToString(),
            replaced
        );
    }
}
