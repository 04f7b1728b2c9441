using System.Buffers.Binary;
using System.Text;

namespace SearchEngine.Embeddings;

/// <summary>
/// Reads the fields of one protobuf message, in order (the wire format of protobuf.dev/programming-guides/encoding). Anything that does
/// not fit raises <see cref="InvalidDataException"/>; nothing is allocated but the text asked for.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;
    private int _wireType;
    private ulong _number;
    private ReadOnlySpan<byte> _bytes;

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_position == _message.Length)
            return false;
        var tag = Varint();
        Field = tag >> 3 <= int.MaxValue ? (int)(tag >> 3) : throw new InvalidDataException("a field number is out of range.");
        _wireType = (int)(tag & 7);
        switch (_wireType)
        {
            case 0:
                _number = Varint();
                break;
            case 1:
                _bytes = Take(8);
                break;
            case 2:
                _bytes = Take(Varint());
                break;
            case 5:
                _bytes = Take(4);
                break;
            default:
                throw new InvalidDataException($"field {Field} has the unknown wire type {_wireType}.");
        }
        return true;
    }

    /// <summary>The current field as a whole number.</summary>
    public readonly long Integer() => _wireType == 0 ? (long)_number : throw Mismatch("a number");

    /// <summary>The current field as a float.</summary>
    public readonly float Float() => _wireType == 5 ? BinaryPrimitives.ReadSingleLittleEndian(_bytes) : throw Mismatch("a float");

    /// <summary>The current field as bytes or a nested message.</summary>
    public readonly ReadOnlySpan<byte> Bytes() => _wireType == 2 ? _bytes : throw Mismatch("bytes");

    /// <summary>The current field as text.</summary>
    public readonly string Text() => Strict.GetString(Bytes());

    private readonly InvalidDataException Mismatch(string expected) => new($"field {Field} is not {expected}.");

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(_message.Length - _position))
            throw new InvalidDataException("a field goes past the end.");
        var bytes = _message.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_position == _message.Length)
                throw new InvalidDataException("a number goes past the end.");
            var b = _message[_position++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        throw new InvalidDataException("a number is longer than 64 bits.");
    }
}
