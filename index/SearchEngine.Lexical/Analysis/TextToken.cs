using Lucene.Net.Analysis;
using Lucene.Net.Analysis.TokenAttributes;

namespace SearchEngine.Lexical.Analysis;

/// <summary>A token of an analyzed text: its term, its position in words, and where it stands in the text.</summary>
internal readonly record struct TextToken(string Term, int Position, int Start, int End, string Type = TokenTypes.Word)
{
    /// <summary>All tokens of <paramref name="text"/>. Safe for concurrent use: an analyzer keeps its state per thread.</summary>
    internal static List<TextToken> Analyze(Analyzer analyzer, string text)
    {
        var tokens = new List<TextToken>();
        using var stream = analyzer.GetTokenStream("text", text);
        var term = stream.AddAttribute<ICharTermAttribute>();
        var increment = stream.AddAttribute<IPositionIncrementAttribute>();
        var offset = stream.AddAttribute<IOffsetAttribute>();
        var type = stream.AddAttribute<ITypeAttribute>();
        stream.Reset();
        var position = -1;
        while (stream.IncrementToken())
        {
            position += increment.PositionIncrement;
            tokens.Add(new TextToken(term.ToString()!, position, offset.StartOffset, offset.EndOffset, type.Type));
        }
        stream.End();
        return tokens;
    }
}
