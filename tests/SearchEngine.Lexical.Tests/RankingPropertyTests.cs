using CsCheck;
using SearchEngine.Lexical.Querying;

namespace SearchEngine.Lexical.Tests;

/// <summary>
/// Random queries over random documents: rankings against a second implementation of the formula, and pruned against exhaustive searches.
/// </summary>
public sealed class RankingPropertyTests
{
    private const int Vocabulary = 60;
    private const float K1 = 0.9f;
    private const float B = 0.4f;

    private static readonly LexicalSchema Schema = new()
    {
        Fields =
        [
            new LexicalField
            {
                Name = "title",
                IsFullText = true,
                Boost = 2.5f,
            },
            new LexicalField { Name = "text", IsFullText = true },
        ],
        Analyzer = "whitespace",
        K1 = K1,
        B = B,
    };

    // Words by a power law, as in texts: a few in most documents, many in hardly any.
    private static readonly Gen<int> Word = Gen.Double[0, 1].Select(x => (int)(Vocabulary * x * x * x * 0.999));
    private static readonly Gen<int[]> Text = Word.Array[1, 40];
    private static readonly Gen<(int[] Title, int[] Text)> Documents = Gen.Select(Word.Array[0, 3], Text);
    private static readonly Gen<(int[] Words, int Top, int Keep)> Queries = Gen.Select(Word.Array[1, 9], Gen.Int[1, 30], Gen.Int[1, 4]);

    [Fact]
    public void Hits_and_scores_are_those_of_the_formula_and_of_an_exhaustive_search()
    {
        Gen.Select(Documents.Array[300, 900], Gen.Int[0, 900].Array[0, 60], Queries.Array[60])
            .Sample(
                (documents, deleted, queries) =>
                {
                    using var index = LexicalIndex.Open(new Lucene.Net.Store.RAMDirectory(), "memory", Schema, generation: null);
                    for (var i = 0; i < documents.Length; i++)
                    {
                        // Ordinals in another order than documents, so that ties cannot follow document numbers.
                        index.Add([
                            new LexicalDocument(Ordinal(i), [("title", Join(documents[i].Title)), ("text", Join(documents[i].Text))]),
                        ]);
                        if (i % 211 == 210)
                            index.Refresh();
                    }
                    index.Delete(deleted.Where(d => d < documents.Length).Select(Ordinal));
                    index.Refresh();
                    foreach (var (words, top, keep) in queries)
                    {
                        var filter = keep == 1 ? null : OrdinalBits.Of(Enumerable.Range(0, 1000).Where(o => o % keep == 0));
                        var query = new LexicalQuery
                        {
                            Text = Join(words),
                            Top = top,
                            Filter = filter,
                        };
                        var pruned = index.SearchWith(query, prune: true);
                        Assert.Equal(index.SearchWith(query, prune: false), pruned);
                        var all = index
                            .SearchWith(query with { Top = 1000 }, prune: false)
                            .ToDictionary(hit => hit.Ordinal, hit => hit.Score);
                        Assert.Equal(
                            Enumerable.Range(0, 1000).Select(o => all.GetValueOrDefault(o)),
                            index.Score(query, [.. Enumerable.Range(0, 1000)])
                        );
                        var lookup = new LexicalLookup();
                        Assert.Equal(pruned, index.Search(query, lookup));
                        Assert.Equal(
                            Enumerable.Range(0, 1000).Select(o => all.GetValueOrDefault(o)),
                            index.Score(query, [.. Enumerable.Range(0, 1000)], lookup)
                        );
                        var gone = deleted.ToHashSet();
                        var expected = Enumerable
                            .Range(0, documents.Length)
                            .Where(i => !gone.Contains(i) && filter?.Contains(Ordinal(i)) != false)
                            .Select(i => (Ordinal: Ordinal(i), Score: Score(documents, i, words)))
                            .Where(hit => hit.Score > 0)
                            .OrderByDescending(hit => hit.Score)
                            .Take(top)
                            .ToArray();
                        Assert.Equal(expected.Length, pruned.Count);
                        for (var rank = 0; rank < expected.Length; rank++)
                        {
                            Assert.Equal(expected[rank].Score, pruned[rank].Score, 1e-4 * expected[rank].Score);
                            Assert.Equal(
                                Score(documents, Document(pruned[rank].Ordinal), words),
                                pruned[rank].Score,
                                1e-4 * expected[rank].Score
                            );
                        }
                    }
                },
                iter: 5,
                seed: "0000KLR7q9Fb"
            );

        static int Ordinal(int document) => document * 619 % 1000;
        static int Document(int ordinal) => Enumerable.Range(0, 1000).First(d => Ordinal(d) == ordinal);
    }

    [Fact]
    public void Operators_and_phrases_are_those_of_a_model()
    {
        Gen.Select(Documents.Array[50, 200], Word.Array[4].Array[40])
            .Sample(
                (documents, queries) =>
                {
                    using var index = LexicalIndex.Open(new Lucene.Net.Store.RAMDirectory(), "memory", Schema, generation: null);
                    index.Add(documents.Select((d, i) => new LexicalDocument(i, [("title", Join(d.Title)), ("text", Join(d.Text))])));
                    index.Refresh();
                    foreach (var w in queries)
                    {
                        var text = $"+w{w[0]} -w{w[1]} \"w{w[2]} w{w[3]}\"";
                        var found = index
                            .Search(
                                new LexicalQuery
                                {
                                    Text = text,
                                    Top = 1000,
                                    Syntax = LexicalSyntax.Operators,
                                }
                            )
                            .Select(h => h.Ordinal)
                            .Order();
                        Assert.Equal(Where(d => Has(d, w[0]) && !Has(d, w[1])), found);
                        var phrase = index
                            .Search(new LexicalQuery { Text = $"\"w{w[2]} w{w[3]}\"", Top = 1000 })
                            .Select(h => h.Ordinal)
                            .Order();
                        Assert.Equal(Where(d => Follows(d.Title, w[2], w[3]) || Follows(d.Text, w[2], w[3])), phrase);
                    }

                    IEnumerable<int> Where(Func<(int[] Title, int[] Text), bool> holds) =>
                        Enumerable.Range(0, documents.Length).Where(i => holds(documents[i]));
                },
                iter: 5,
                seed: "0000KLR7q9Fb"
            );

        static bool Has((int[] Title, int[] Text) d, int word) => d.Title.Contains(word) || d.Text.Contains(word);
        static bool Follows(int[] words, int first, int second) =>
            Enumerable.Range(0, Math.Max(0, words.Length - 1)).Any(i => words[i] == first && words[i + 1] == second);
    }

    /// <summary>
    /// BM25 over both fields in double precision, written down from the paper. Deleted documents count until they are merged away, as in
    /// Lucene.
    /// </summary>
    private static double Score((int[] Title, int[] Text)[] documents, int document, int[] query)
    {
        double count = documents.Length;
        var average = documents.Sum(d => 2.5 * d.Title.Length + d.Text.Length) / count;
        var length = 2.5 * Stored(documents[document].Title.Length) + Stored(documents[document].Text.Length);
        double score = 0;
        foreach (var word in query)
        {
            double n = Math.Max(documents.Count(d => d.Title.Contains(word)), documents.Count(d => d.Text.Contains(word)));
            var f = 2.5 * documents[document].Title.Count(w => w == word) + documents[document].Text.Count(w => w == word);
            score += Math.Log(1 + (count - n + 0.5) / (n + 0.5)) * (K1 + 1) * f / (f + K1 * (1 - B + B * length / average));
        }
        return score;
    }

    /// <summary>Lucene keeps lengths in one byte.</summary>
    private static double Stored(int length) =>
        length == 0 ? 0 : FieldLengths.Decode((byte)Lucene.Net.Util.SmallSingle.SingleToSByte315((float)(1 / Math.Sqrt(length))));

    private static string Join(int[] words) => string.Join(' ', words.Select(w => "w" + w));
}
