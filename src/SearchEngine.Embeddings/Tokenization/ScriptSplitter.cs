using System.Text;

namespace SearchEngine.Embeddings.Tokenization;

/// <summary>
/// Cuts where the script changes, as the tokenizers library's 'UnicodeScripts' does: Japanese scripts count as Han, a space belongs to what
/// it follows, and white space before everything else is left out. Thread-safe.
/// </summary>
internal sealed class ScriptSplitter : PieceSplitter
{
    private const byte Any = 0;

    private static readonly Lazy<(int[] Starts, byte[] Scripts)> Table = new(Build);

    /// <inheritdoc/>
    public override void Split(ReadOnlySpan<char> text, ref PooledBuffer<TextPiece> pieces)
    {
        int start = -1,
            at = 0;
        var last = Any;
        foreach (var rune in text.EnumerateRunes())
        {
            var script = Script(rune.Value);
            if (script != Any && script != last)
            {
                if (start >= 0)
                    pieces.Add(new TextPiece(start, at - start));
                start = at;
            }
            if (script != Any)
                last = script;
            at += rune.Utf16SequenceLength;
        }
        if (start >= 0 && start < text.Length)
            pieces.Add(new TextPiece(start, text.Length - start));
    }

    private static byte Script(int code)
    {
        if (code == ' ')
            return Any;
        (var starts, var scripts) = Table.Value;
        var index = Array.BinarySearch(starts, code == 0x30FC ? 0x4E00 : code);
        return scripts[index >= 0 ? index : ~index - 1];
    }

    private static (int[], byte[]) Build()
    {
        List<(int First, int Last, byte Script)> ranges = [];
        byte number = 1;
        byte han = 0;
        foreach ((var name, var set) in UnicodeSets.Scripts.OrderBy(s => s.Name != "han"))
        {
            var own = name is "hiragana" or "katakana" ? han : number++;
            if (name == "han")
                han = own;
            ranges.AddRange(set.Ranges.Select(range => (range.First, range.Last, own)));
        }
        List<int> starts = [0];
        List<byte> scripts = [Any];
        foreach ((var first, var last, var script) in ranges.OrderBy(range => range.First))
        {
            if (starts[^1] == first)
            {
                scripts[^1] = script;
            }
            else
            {
                starts.Add(first);
                scripts.Add(script);
            }
            starts.Add(last + 1);
            scripts.Add(Any);
        }
        return ([.. starts], [.. scripts]);
    }
}
