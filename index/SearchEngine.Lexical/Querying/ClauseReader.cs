using Lucene.Net.Analysis;
using SearchEngine.Lexical.Analysis;

namespace SearchEngine.Lexical.Querying;

/// <summary>Turns words into clauses, by the analyzer that indexed them.</summary>
internal sealed class ClauseReader(Analyzer analyzer, SynonymTable? synonyms)
{
    /// <summary>What a form of the same letters but other accents counts beside the one that the query writes.</summary>
    private const float FoldedWeight = 0.7f;

    /// <summary>
    /// What a compound counts beside its parts, and two words as one beside the two: chosen on SciFact's train queries, where 1 loses
    /// .011 of nDCG@10 to it. The same for both, so that <c>T-cell</c> and <c>T cell</c> are one query.
    /// </summary>
    private const float WholeWeight = 0.3f;

    /// <summary>What a stop word in capitals counts: it may be a name, or shouted.</summary>
    private const float AcronymWeight = 1f;

    private readonly bool _hasTypes = analyzer is WordAnalyzer;

    /// <summary>Words, each a wish of its own.</summary>
    internal List<QueryClause> Words(string text)
    {
        var tokens = TextToken.Analyze(analyzer, text);
        if (!_hasTypes)
            return [.. tokens.Select(token => new QueryClause(ClauseKind.Optional, [new QueryTerm(token.Term)]))];
        var clauses = new List<QueryClause>();
        var shouted = !text.Any(char.IsLower) && tokens.Count(t => t.Type is TokenTypes.Word or TokenTypes.Stop) > 1;
        var asking = tokens.ConvertAll(token => IsAsking(text, token));
        var hasSubject = tokens
            .Where((token, i) => !asking[i] && token.Type is not (TokenTypes.Folded or TokenTypes.Stop or TokenTypes.Acronym))
            .Any();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (
                tokens[i].Type is TokenTypes.Folded or TokenTypes.Stop
                || tokens[i].Type == TokenTypes.Acronym && shouted
                || tokens[i].Type == TokenTypes.Word && hasSubject && asking[i]
            )
            {
                continue;
            }
            var count = tokens[i].Type switch
            {
                TokenTypes.Whole => WholeWeight,
                TokenTypes.Acronym => AcronymWeight,
                _ => 1,
            };
            var forms = Forms(tokens, i, FoldedWeight);
            if (tokens[i].Type == TokenTypes.OnePiece)
            {
                // Its parts stand for it only where they follow each other: order1234 is not every order.
                var parts = tokens.Skip(i + 1).TakeWhile(t => t.Start >= tokens[i].Start && t.End <= tokens[i].End).ToList();
                i += parts.Count;
                if (PhraseOf(parts) is { } phrase)
                    forms.AddRange(phrase.Positions[^1] > 0 ? [phrase] : phrase.Terms.Select(term => new QueryTerm(term, FoldedWeight)));
            }
            clauses.Add(new QueryClause(ClauseKind.Optional, forms, count));
        }
        if (clauses.Count == 0)
            AddStopWords(clauses, tokens);
        else
            AddJoined(clauses, tokens, text);
        if (synonyms is not null)
            synonyms.Expand(clauses, [.. Leaves(tokens).Select(leaf => leaf.Term)]);
        return clauses;
    }

    private bool IsAsking(string text, TextToken token)
    {
        var written = text[token.Start..token.End];
        return ((WordAnalyzer)analyzer).AskingWords.Contains(written.ToLowerInvariant())
            && (written.Length == 1 || written.Any(char.IsLower));
    }

    /// <summary>Words that must follow each other; null where there are none.</summary>
    internal QueryClause? Phrase(ClauseKind kind, string text)
    {
        var tokens = TextToken.Analyze(analyzer, text);
        var term =
            _hasTypes ? PhraseOf(tokens)
            : tokens.Count == 0 ? null
            : new QueryTerm([.. tokens.Select(t => t.Term)], [.. tokens.Select(t => t.Position - tokens[0].Position)]);
        if (term is null)
            return null;
        // One word in several forms is no phrase.
        return term.Positions[^1] > 0
            ? new QueryClause(kind, [term])
            : new QueryClause(kind, [.. term.Terms.Select((form, i) => new QueryTerm(form, i == 0 ? 1 : FoldedWeight))]);
    }

    /// <summary>
    /// Two words with nothing but space between them may be written as one in the documents: <c>wi fi</c>, <c>T cell</c>.
    /// </summary>
    private void AddJoined(List<QueryClause> clauses, List<TextToken> tokens, string text)
    {
        var leaves = Leaves(tokens).ToArray();
        for (var i = 1; i < leaves.Length; i++)
        {
            var (left, right) = (leaves[i - 1], leaves[i]);
            if (
                left.Type != TokenTypes.Word
                || right.Type != TokenTypes.Word
                || right.Start <= left.End
                || !text.AsSpan(left.End, right.Start - left.End).IsWhiteSpace()
            )
            {
                continue;
            }
            var joined = TextToken.Analyze(analyzer, text[left.Start..left.End] + text[right.Start..right.End]);
            if (joined.Count > 0)
                clauses.Add(new QueryClause(ClauseKind.Optional, Forms(joined, 0, FoldedWeight), WholeWeight));
        }
    }

    /// <summary>A query of nothing but stop words looks for them, and for them in this order.</summary>
    private static void AddStopWords(List<QueryClause> clauses, List<TextToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Type == TokenTypes.Stop)
                clauses.Add(new QueryClause(ClauseKind.Optional, Forms(tokens, i, FoldedWeight)));
        }
        if (clauses.Count > 1 && PhraseOf(tokens) is { } phrase)
            clauses.Add(new QueryClause(ClauseKind.Optional, [phrase]));
    }

    /// <summary>Words at their positions, each in every form: the parts of compounds, for a text may write them apart.</summary>
    private static QueryTerm? PhraseOf(List<TextToken> tokens)
    {
        var terms = new List<string>();
        var positions = new List<int>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (!IsLeaf(tokens[i]))
                continue;
            foreach (var form in Forms(tokens, i, 1))
            {
                terms.Add(form.Terms[0]);
                positions.Add(tokens[i].Position);
            }
        }
        return terms.Count == 0 ? null : new QueryTerm([.. terms], [.. positions.Select(p => p - positions[0])]);
    }

    private static IEnumerable<TextToken> Leaves(List<TextToken> tokens) => tokens.Where(IsLeaf);

    private static bool IsLeaf(TextToken token) =>
        !TokenTypes.HasParts(token.Type) && token.Type is not (TokenTypes.Acronym or TokenTypes.Folded);

    /// <summary>The terms that a word stands for: as written, and with other accents or none.</summary>
    private static List<QueryTerm> Forms(List<TextToken> tokens, int at, float foldedWeight)
    {
        var term = tokens[at].Term;
        if (at + 1 == tokens.Count || tokens[at + 1].Type != TokenTypes.Folded)
            return [new QueryTerm(term), new QueryTerm(term + FoldedMarkFilter.Mark, foldedWeight)];
        var folded = tokens[at + 1].Term;
        return [new QueryTerm(term), new QueryTerm(folded, foldedWeight), new QueryTerm(folded[..^1], foldedWeight)];
    }
}
