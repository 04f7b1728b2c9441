using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// SentencePiece's normalisation, on UTF-8: the compiled character map (longest rule first), spaces folded and trimmed if the model says
/// so, the dummy prefix, and U+2581 in the place of spaces. User-defined symbols pass unchanged. Thread-safe.
/// </summary>
internal sealed class SentencePieceNormalizer
{
    private readonly bool _addDummyPrefix;
    private readonly bool _removeExtraWhitespaces;
    private readonly bool _suffix;
    private readonly bool _escape;
    private readonly ByteTrie? _userDefined;
    private readonly CharacterMap? _map;

    /// <param name="path">The model file, for messages.</param>
    /// <param name="model">The model.</param>
    /// <param name="userDefined">The user-defined symbols, or null if there are none.</param>
    /// <exception cref="ModelFormatException">The character map is damaged.</exception>
    public SentencePieceNormalizer(string path, SentencePieceModel model, ByteTrie? userDefined)
    {
        _addDummyPrefix = model.AddDummyPrefix;
        _removeExtraWhitespaces = model.RemoveExtraWhitespaces;
        _suffix = model.TreatWhitespaceAsSuffix;
        _escape = model.EscapeWhitespaces;
        _userDefined = userDefined;
        _map = CharacterMap.Read(path, model.CharacterMap);
    }

    /// <summary>U+2581, which stands for a space.</summary>
    public static ReadOnlySpan<byte> SpaceMark => "▁"u8;

    /// <summary>Appends the normalised form of <paramref name="text"/> (UTF-8, well-formed) to <paramref name="output"/>.</summary>
    public void Normalize(ReadOnlySpan<byte> text, ref PooledBuffer<byte> output)
    {
        if (_removeExtraWhitespaces)
        {
            while (text.Length > 0)
            {
                var first = Prefix(text, out var consumed);
                if (!first.SequenceEqual(" "u8))
                    break;
                text = text[consumed..];
            }
        }
        if (text.IsEmpty)
            return;
        var start = output.Count;
        if (_addDummyPrefix && !_suffix)
            AddSpace(ref output);
        if (_map is null && _userDefined is null && !_removeExtraWhitespaces)
            Escape(text, ref output);
        else
            NormalizeByRules(text, ref output);
        if (_removeExtraWhitespaces)
        {
            var space = _escape ? SpaceMark : " "u8;
            while (output.Span[start..].EndsWith(space))
                output.Truncate(output.Count - space.Length);
        }
        if (_addDummyPrefix && _suffix)
            AddSpace(ref output);
    }

    private void NormalizeByRules(ReadOnlySpan<byte> text, ref PooledBuffer<byte> output)
    {
        var afterSpace = _removeExtraWhitespaces;
        while (text.Length > 0)
        {
            var piece = Prefix(text, out var consumed);
            text = text[consumed..];
            if (afterSpace)
                piece = piece.TrimStart((byte)' ');
            if (piece.IsEmpty)
                continue;
            if (piece.Length == 1 && piece[0] != ' ')
                output.Add(piece[0]);
            else
                Escape(piece, ref output);
            afterSpace = _removeExtraWhitespaces && piece[^1] == ' ';
        }
    }

    private void Escape(ReadOnlySpan<byte> text, ref PooledBuffer<byte> output)
    {
        while (_escape)
        {
            var space = text.IndexOf((byte)' ');
            if (space < 0)
                break;
            output.Add(text[..space]);
            output.Add(SpaceMark);
            text = text[(space + 1)..];
        }
        output.Add(text);
    }

    private void AddSpace(ref PooledBuffer<byte> output) => output.Add(_escape ? SpaceMark : " "u8);

    /// <summary>What the start of the text becomes, and how many bytes that takes.</summary>
    private ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> text, out int consumed)
    {
        if (_userDefined is not null && _userDefined.LongestPrefix(text, out consumed) != ByteTrie.None)
            return text[..consumed];
        if (_map is not null)
        {
            var rule = _map.Find(text, longest: true, out consumed);
            if (rule >= 0)
                return _map.Replacement(rule);
        }
        if (text[0] < 0x80)
        {
            consumed = 1;
            return text[..1];
        }
        Rune.DecodeFromUtf8(text, out _, out consumed);
        return text[..consumed];
    }
}
