using System.Buffers.Binary;
using System.Text;

namespace SearchEngine.Migration;

/// <summary>
/// Reads <c>id_to_label</c> out of Chroma's index_metadata.pickle: a machine for the few opcodes that dictionaries of texts and numbers
/// need.
/// Nothing is ever called or constructed; an object of whatever class counts as the dictionary of its state.
/// </summary>
internal ref struct PickledIndex
{
    private static readonly object Mark = new();
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _at;

    private PickledIndex(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public static Dictionary<string, long> ReadLabels(string path)
    {
        try
        {
            var machine = new PickledIndex(File.ReadAllBytes(path));
            if (
                machine.Run() is not Dictionary<object, object?> state
                || state.GetValueOrDefault("id_to_label") is not Dictionary<object, object?> labels
            )
            {
                throw new FormatException("it has no id_to_label");
            }
            return labels.ToDictionary(item => (string)item.Key, item => (long)item.Value!, StringComparer.Ordinal);
        }
        catch (Exception e)
            when (e is FormatException or ArgumentException or InvalidCastException or NullReferenceException or KeyNotFoundException)
        {
            throw new MigrationException(
                $"{Path.GetFileName(path)} is of a kind that is not known here ({e.Message}). Open the folder with Chroma and "
                    + $"{ChromaJson.HowToExport}.",
                e
            );
        }
    }

    private object? Run()
    {
        while (true)
        {
            var opcode = Take(1)[0];
            switch (opcode)
            {
                case 0x80: // PROTO
                    Take(1);
                    break;
                case 0x95: // FRAME
                    Take(8);
                    break;
                case (byte)'.': // STOP
                    return Pop();
                case (byte)'(':
                    _stack.Add(Mark);
                    break;
                case (byte)'}': // EMPTY_DICT
                    _stack.Add(new Dictionary<object, object?>());
                    break;
                case (byte)')' or (byte)']': // EMPTY_TUPLE, EMPTY_LIST
                    _stack.Add(new List<object?>());
                    break;
                case (byte)'N':
                    _stack.Add(null);
                    break;
                case 0x88 or 0x89: // NEWTRUE, NEWFALSE
                    _stack.Add(opcode == 0x88);
                    break;
                case (byte)'K' or (byte)'M' or (byte)'J' or 0x8a: // BININT1, BININT2, BININT, LONG1
                    _stack.Add(Integer(opcode));
                    break;
                case 0x8c: // SHORT_BINUNICODE
                    _stack.Add(Encoding.UTF8.GetString(Take(Take(1)[0])));
                    break;
                case (byte)'X': // BINUNICODE
                    _stack.Add(Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4)))));
                    break;
                case (byte)'s': // SETITEM
                    SetItems(_stack.Count - 2);
                    break;
                case (byte)'u': // SETITEMS
                    SetItems(PopMark());
                    break;
                case (byte)'q' or (byte)'r' or 0x94: // BINPUT, LONG_BINPUT, MEMOIZE
                    _memo[MemoIndex(opcode)] = _stack[^1];
                    break;
                case (byte)'h' or (byte)'j': // BINGET, LONG_BINGET
                    _stack.Add(_memo[MemoIndex(opcode)]);
                    break;
                case (byte)'c': // GLOBAL: two lines, the names
                    Line();
                    Line();
                    _stack.Add(null);
                    break;
                case 0x93: // STACK_GLOBAL
                    Pop();
                    Pop();
                    _stack.Add(null);
                    break;
                case 0x81: // NEWOBJ
                    Pop();
                    Pop();
                    _stack.Add(new Dictionary<object, object?>());
                    break;
                case (byte)'b': // BUILD
                    var state = (Dictionary<object, object?>)Pop()!;
                    foreach (var (key, value) in state)
                        ((Dictionary<object, object?>)_stack[^1]!)[key] = value;
                    break;
                default:
                    throw new FormatException($"opcode 0x{opcode:x2}");
            }
        }
    }

    private void SetItems(int first)
    {
        var target = (Dictionary<object, object?>)_stack[first - 1]!;
        for (var i = first; i + 1 < _stack.Count; i += 2)
            target[_stack[i]!] = _stack[i + 1];
        _stack.RemoveRange(first, _stack.Count - first);
    }

    private int PopMark()
    {
        var at = _stack.LastIndexOf(Mark);
        _stack.RemoveAt(at);
        return at;
    }

    private long MemoIndex(byte opcode) =>
        opcode switch
        {
            (byte)'q' or (byte)'h' => Take(1)[0],
            (byte)'r' or (byte)'j' => BinaryPrimitives.ReadUInt32LittleEndian(Take(4)),
            _ => _memo.Count,
        };

    private long Integer(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'K':
                return Take(1)[0];
            case (byte)'M':
                return BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
            case (byte)'J':
                return BinaryPrimitives.ReadInt32LittleEndian(Take(4));
            default:
                var bytes = Take(Take(1)[0]);
                return (long)new System.Numerics.BigInteger(bytes);
        }
    }

    private object? Pop()
    {
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private void Line()
    {
        while (Take(1)[0] != '\n') { }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _bytes.Length - _at)
            throw new FormatException("it is cut short");
        var taken = _bytes.Slice(_at, count);
        _at += count;
        return taken;
    }
}
