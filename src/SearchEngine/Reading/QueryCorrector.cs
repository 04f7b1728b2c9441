using SearchEngine.Lexical;
using SearchEngine.Moments;

namespace SearchEngine.Reading;

/// <summary>
/// Puts right the words of a query that match nothing, before it is embedded or looked up; completes what is being typed. Thread-safe.
/// </summary>
internal sealed class QueryCorrector(CollectionSchema schema, LexicalView? lexical, Timeline timeline)
{
    private readonly bool _hasText = lexical is not null && schema.Fields.Any(field => field.IsFullText);

    /// <summary>The correction of a request's text; null where there is nothing to correct.</summary>
    public SpellingCorrection? Correct(SearchRequest request)
    {
        if (!_hasText || !Corrects(request))
            return null;
        using var reading = timeline.Enter();
        return Of(lexical!.Fresh().Correct(request.Text!));
    }

    /// <summary>Whether the words of a request's text are to be put right: it has one, and no operators.</summary>
    public static bool Corrects(SearchRequest request) => request is { CorrectSpelling: true, Text: not null, Syntax: QuerySyntax.Words };

    /// <summary>A correction as searches return it; null where nothing was corrected.</summary>
    public static SpellingCorrection? Of(LexicalCorrection correction) =>
        correction.Words.Count == 0
            ? null
            : new SpellingCorrection(
                correction.Text,
                [.. correction.Words.Select(word => new CorrectedWord(word.Written, word.Corrected))]
            );

    public IReadOnlyList<Suggestion> Complete(string text, int top)
    {
        if (!_hasText)
            return [];
        using var reading = timeline.Enter();
        return [.. lexical!.Fresh().Suggest(text, top).Select(s => new Suggestion(s.Text, s.Word, s.Documents))];
    }
}
