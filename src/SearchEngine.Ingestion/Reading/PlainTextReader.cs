using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>
/// Reads plain text of any length as a stream. A short first line with a blank line after it is the title. Long texts are given in pieces
/// that end at paragraphs, or else at lines.
/// </summary>
public sealed class PlainTextReader : IDocumentReader
{
    private const int MaxTitleLength = 100;

    /// <summary>A piece ends at the first blank line after this many characters.</summary>
    private const int PieceLength = 1 << 19;

    /// <summary>A piece ends here even inside a line.</summary>
    private const int MaxPieceLength = 1 << 21;

    /// <inheritdoc />
    public string Name => "text";

    /// <inheritdoc />
    public int Version => 3;

    /// <inheritdoc />
    public IReadOnlyCollection<string> Extensions { get; } = [".txt", ".text", ".log", ".srt", ".vtt", ".me", ".nfo", ".man", ".1st"];

    /// <inheritdoc />
    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        using var reader = StreamedText.Open(file);
        string? title = null;
        foreach (var (text, line) in Pieces(reader, cancellationToken))
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            var continues = title is not null;
            title ??= TitleOf(text) ?? file.Name;
            var section = new SourceSection([], null, text) { Lines = [new LineAnchor(0, line)] };
            yield return new SourceDocument
            {
                Title = title,
                Sections = [section],
                Continues = continues,
            };
        }
    }

    internal static string? TitleOf(string text)
    {
        var start = 0;
        while (start < text.Length && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        var end = text.IndexOf('\n', start);
        if (end < 0 || end - start > MaxTitleLength)
        {
            return null;
        }

        var line = text[start..end].Trim();
        var next = text.IndexOf('\n', end + 1);
        var blankFollows = string.IsNullOrWhiteSpace(text[(end + 1)..(next < 0 ? text.Length : next)]);
        return blankFollows && line.Length > 0 && line[^1] is not ('.' or '\u3002' or ':' or ',') ? line : null;
    }

    /// <summary>The text in pieces, each with the number of its first line.</summary>
    private static IEnumerable<(string Text, int Line)> Pieces(StreamReader reader, CancellationToken cancellationToken)
    {
        var buffer = new char[1 << 14];
        var rest = new StringBuilder();
        var line = 1;
        var looked = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = reader.Read(buffer, 0, buffer.Length);
            if (read == 0)
            {
                break;
            }

            rest.Append(buffer, 0, read);
            while (rest.Length > PieceLength && rest.Length - looked >= buffer.Length / 2)
            {
                var text = rest.ToString();
                var cut = Cut(text);
                looked = rest.Length;
                if (cut <= 0)
                {
                    break;
                }

                var piece = TextDecoder.Normalize(text[..cut]);
                yield return (piece, line);
                line += piece.AsSpan().Count('\n');
                rest.Clear().Append(text, cut, text.Length - cut);
                looked = 0;
            }
        }

        yield return (TextDecoder.Normalize(rest.ToString()), line);
    }

    /// <summary>Where the first piece of a text ends; 0 if more of it has to be seen.</summary>
    private static int Cut(string text)
    {
        var paragraph = text.IndexOf("\n\n", PieceLength, StringComparison.Ordinal);
        if (paragraph >= 0)
        {
            return paragraph + 2;
        }

        var line = text.IndexOf('\n', PieceLength);
        if (line >= 0)
        {
            return line + 1;
        }

        if (text.Length < MaxPieceLength)
        {
            return 0;
        }

        var end = text.LastIndexOf(' ', MaxPieceLength - 1, MaxPieceLength / 2);
        end = end > 0 ? end + 1 : MaxPieceLength;
        return char.IsHighSurrogate(text[end - 1]) || text[end - 1] == '\r' ? end - 1 : end;
    }
}
