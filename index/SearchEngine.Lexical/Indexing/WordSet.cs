using SearchEngine.Lexical.Analysis;

namespace SearchEngine.Lexical.Indexing;

/// <summary>The distinct words of a document as people type them.</summary>
internal sealed class WordSet
{
    private const int MinLength = 2;
    private const int MaxLength = 40;

    private readonly HashSet<string> _words = new(StringComparer.Ordinal);

    internal bool IsEmpty => _words.Count == 0;

    internal IEnumerable<string> Words => _words;

    internal void Add(string text)
    {
        foreach (var piece in WordScanner.Scan(text))
        {
            if (IsKept(piece))
                _words.Add(Normalize(piece.Text));
        }
    }

    /// <summary>A word as it is kept.</summary>
    internal static string Normalize(string word) => AccentFolding.Compose(word).ToLowerInvariant();

    // Of a compound its parts: the whole is kept without what joined it, which nobody types.
    private static bool IsKept(WordPiece piece) =>
        piece.Type == TokenTypes.Word && piece.Text.Length is >= MinLength and <= MaxLength && char.IsLetter(piece.Text[0])
        || piece.Type == TokenTypes.OnePiece && piece.Text.Length <= MaxLength && char.IsLetter(piece.Text[0]);
}
