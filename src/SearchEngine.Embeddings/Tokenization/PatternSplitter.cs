using SearchEngine.Embeddings.Tokenization;

namespace SearchEngine.Embeddings;

/// <summary>Cuts by any regular expression, with the meaning that it has in the tokenizers library.</summary>
internal sealed class PatternSplitter : PieceSplitter
{
    private readonly CodePointRegex _regex;
    private readonly SplitBehavior _behavior;
    private readonly bool _invert;

    /// <param name="regex">The expression.</param>
    /// <param name="behavior">What becomes of the matches.</param>
    /// <param name="invert">True to take what lies between the matches as the matches.</param>
    public PatternSplitter(CodePointRegex regex, SplitBehavior behavior, bool invert)
    {
        _regex = regex;
        _behavior = behavior;
        _invert = invert;
    }

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        List<(int Start, int End, bool Match)> parts = [];
        var previous = 0;
        foreach (var match in _regex.Matches(text))
        {
            if (match.Start > previous)
                parts.Add((previous, match.Start, _invert));
            parts.Add((match.Start, match.End, !_invert));
            previous = match.End;
        }
        if (previous < text.Length)
            parts.Add((previous, text.Length, _invert));
        foreach ((var start, var end) in Combine(parts))
        {
            if (end > start)
                pieces.Add(new TextPiece(start, end - start));
        }
    }

    private List<(int Start, int End)> Combine(List<(int Start, int End, bool Match)> parts)
    {
        List<(int Start, int End)> result = [];
        var previousMatch = false;
        for (var i = 0; i < parts.Count; i++)
        {
            (var start, var end, var match) = parts[i];
            var joins = _behavior switch
            {
                SplitBehavior.MergedWithPrevious => match && i > 0 && !previousMatch,
                SplitBehavior.MergedWithNext => !match && previousMatch,
                SplitBehavior.Contiguous => i > 0 && match == previousMatch,
                _ => false,
            };
            if (joins)
                result[^1] = (result[^1].Start, end);
            else if (!match || _behavior != SplitBehavior.Removed)
                result.Add((start, end));
            previousMatch = match;
        }
        return result;
    }
}
