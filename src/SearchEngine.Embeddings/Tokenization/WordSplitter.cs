namespace SearchEngine.Embeddings;

/// <summary>
/// The pre-tokenizer patterns of the GPT family, as scanners by code point. A scanner takes linear time and knows letters outside the
/// basic plane, which .NET's regular expressions (over UTF-16) do not.
/// </summary>
internal sealed class WordSplitter : PieceSplitter
{
    /// <summary>GPT-2: letters, numbers or others, each with at most one space in front; contractions in lower case.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>cl100k and Llama-3: any one character before letters, numbers in threes, line breaks apart.</summary>
    public const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Qwen2 and Qwen3: as Llama-3, numbers digit by digit.</summary>
    public const string Qwen2Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private readonly bool _gpt2;
    private readonly int _numberLength;

    private WordSplitter(string name, bool gpt2, int numberLength)
    {
        Name = name;
        _gpt2 = gpt2;
        _numberLength = numberLength;
    }

    /// <summary>The pattern's name.</summary>
    public string Name { get; }

    public static WordSplitter Gpt2 { get; } = new("gpt2", gpt2: true, int.MaxValue);

    public static WordSplitter Llama3 { get; } = new("llama3", gpt2: false, 3);

    public static WordSplitter Qwen2 { get; } = new("qwen2", gpt2: false, 1);

    /// <summary>The scanner of a pattern that is known literally, or null.</summary>
    public static WordSplitter? ForPattern(string pattern) =>
        pattern switch
        {
            Gpt2Pattern => Gpt2,
            Llama3Pattern => Llama3,
            Qwen2Pattern => Qwen2,
            _ => null,
        };

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        for (var start = 0; start < text.Length; )
        {
            var end = _gpt2 ? Gpt2End(text, start) : Llama3End(text, start);
            pieces.Add(new TextPiece(start, end - start));
            start = end;
        }
    }

    private static int Gpt2End(ReadOnlySpan<char> text, int start)
    {
        var contraction = ContractionLength(text[start..], ignoreCase: false);
        if (contraction > 0)
            return start + contraction;
        var first = text[start] == ' ' ? start + 1 : start;
        var kind = CharacterClasses.At(text, first, out var length);
        if (length > 0 && (kind & CharacterClasses.Space) == 0)
            return RunEnd(text, first + length, kind);
        return SpaceEnd(text, start);
    }

    private int Llama3End(ReadOnlySpan<char> text, int start)
    {
        var contraction = ContractionLength(text[start..], ignoreCase: true);
        if (contraction > 0)
            return start + contraction;
        var kind = CharacterClasses.At(text, start, out var length);
        if (kind == CharacterClasses.Letter)
            return RunEnd(text, start + length, CharacterClasses.Letter);
        if (kind == CharacterClasses.Number)
        {
            var end = start + length;
            for (var i = 1; i < _numberLength && CharacterClasses.At(text, end, out var next) == CharacterClasses.Number; i++)
                end += next;
            return end;
        }
        if ((kind & CharacterClasses.LineBreak) == 0 && CharacterClasses.At(text, start + length, out var after) == CharacterClasses.Letter)
            return RunEnd(text, start + length + after, CharacterClasses.Letter);
        var other = text[start] == ' ' ? start + 1 : start;
        if (CharacterClasses.At(text, other, out var otherLength) == 0 && otherLength > 0)
        {
            var end = RunEnd(text, other + otherLength, 0);
            while (end < text.Length && text[end] is '\r' or '\n')
                end++;
            return end;
        }

        // White space up to and with its last line break, if it has one.
        var spaceEnd = RunOfSpaceEnd(text, start);
        var lineBreak = text[start..spaceEnd].LastIndexOfAny('\r', '\n');
        return lineBreak >= 0 ? start + lineBreak + 1 : SpaceEnd(text, start);
    }

    /// <summary>All white space, without its last character if something else follows.</summary>
    private static int SpaceEnd(ReadOnlySpan<char> text, int start)
    {
        var end = RunOfSpaceEnd(text, start);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private static int RunOfSpaceEnd(ReadOnlySpan<char> text, int start)
    {
        var end = start;
        while (end < text.Length && (CharacterClasses.Of(text[end]) & CharacterClasses.Space) != 0)
            end++;
        return end;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int position, byte kind)
    {
        while (CharacterClasses.At(text, position, out var length) == kind && length > 0)
            position += length;
        return position;
    }

    /// <summary>The length of "'s", "'ll" and so on at the start, or 0. Without case, "ſ" counts as "s" (simple case folding).</summary>
    private static int ContractionLength(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text.Length < 2 || text[0] != '\'')
            return 0;
        var first = Fold(text[1], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd')
            return 2;
        var second = text.Length > 2 ? Fold(text[2], ignoreCase) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static char Fold(char c, bool ignoreCase) =>
        !ignoreCase ? c
        : c is >= 'A' and <= 'Z' ? (char)(c | 0x20)
        : c == 'ſ' ? 's'
        : c;
}
