using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace SearchEngine;

/// <summary>The key of a record: a string, a Guid, or a 32- or 64-bit integer. Immutable; ordered by kind, then by value.</summary>
public readonly struct RecordKey : IEquatable<RecordKey>, IComparable<RecordKey>
{
    /// <summary>The longest string key, in UTF-8 bytes. Long enough for a path or a URL, short enough to stay one index term.</summary>
    public const int MaxStringBytes = 4_000;

    private readonly string? _text;
    private readonly Guid _guid;
    private readonly long _number;

    private RecordKey(RecordKeyKind kind, string? text, Guid guid, long number)
    {
        Kind = kind;
        _text = text;
        _guid = guid;
        _number = number;
    }

    /// <summary>The key's type. The default value of this struct has no valid kind and is refused by every write.</summary>
    public RecordKeyKind Kind { get; }

    /// <summary>Makes a string key.</summary>
    /// <exception cref="ArgumentException">The string is null, empty, longer than <see cref="MaxStringBytes"/> or not valid
    /// UTF-16.</exception>
    public static RecordKey From(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        int bytes;
        try
        {
            bytes = StrictUtf8.GetByteCount(value);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException("A string key must be valid UTF-16: it holds an unpaired surrogate.", nameof(value), e);
        }

        if (bytes > MaxStringBytes)
        {
            throw new ArgumentException(
                $"A string key may have at most {MaxStringBytes} UTF-8 bytes; this one has {bytes}.",
                nameof(value)
            );
        }
        return new RecordKey(RecordKeyKind.String, value, default, 0);
    }

    /// <summary>Makes a Guid key.</summary>
    public static RecordKey From(Guid value) => new(RecordKeyKind.Guid, null, value, 0);

    /// <summary>Makes a 32-bit integer key.</summary>
    public static RecordKey From(int value) => new(RecordKeyKind.Int32, null, default, value);

    /// <summary>Makes a 64-bit integer key.</summary>
    public static RecordKey From(long value) => new(RecordKeyKind.Int64, null, default, value);

    /// <summary>Makes a key of a boxed string, Guid, int or long.</summary>
    /// <exception cref="ArgumentException">The value is null or of another type.</exception>
    public static RecordKey FromObject(object? value) =>
        value switch
        {
            string text => From(text),
            Guid guid => From(guid),
            int number => From(number),
            long number => From(number),
            RecordKey key => key,
            _ => throw new ArgumentException(
                $"A key is a string, Guid, int or long; got {value?.GetType().Name ?? "null"}.",
                nameof(value)
            ),
        };

    /// <summary>The key as a boxed string, Guid, int or long.</summary>
    public object Value =>
        Kind switch
        {
            RecordKeyKind.String => _text!,
            RecordKeyKind.Guid => _guid,
            RecordKeyKind.Int32 => (int)_number,
            RecordKeyKind.Int64 => _number,
            _ => throw new InvalidOperationException("This key was never set."),
        };

    /// <summary>A string key from a string.</summary>
    public static implicit operator RecordKey(string value) => From(value);

    /// <summary>A Guid key from a Guid.</summary>
    public static implicit operator RecordKey(Guid value) => From(value);

    /// <summary>A 32-bit key from an int.</summary>
    public static implicit operator RecordKey(int value) => From(value);

    /// <summary>A 64-bit key from a long.</summary>
    public static implicit operator RecordKey(long value) => From(value);

    /// <summary>
    /// The stored form: a kind byte, then UTF-8, the Guid's bytes, or a big-endian integer with its sign bit flipped (so that bytes sort as
    /// values).
    /// </summary>
    internal byte[] Encode()
    {
        switch (Kind)
        {
            case RecordKeyKind.String:
                var bytes = new byte[1 + StrictUtf8.GetByteCount(_text!)];
                bytes[0] = (byte)Kind;
                StrictUtf8.GetBytes(_text!, bytes.AsSpan(1));
                return bytes;
            case RecordKeyKind.Guid:
                var guid = new byte[17];
                guid[0] = (byte)Kind;
                _guid.TryWriteBytes(guid.AsSpan(1), bigEndian: true, out _);
                return guid;
            case RecordKeyKind.Int32:
                var four = new byte[5];
                four[0] = (byte)Kind;
                BinaryPrimitives.WriteInt32BigEndian(four.AsSpan(1), (int)_number ^ int.MinValue);
                return four;
            case RecordKeyKind.Int64:
                var eight = new byte[9];
                eight[0] = (byte)Kind;
                BinaryPrimitives.WriteInt64BigEndian(eight.AsSpan(1), _number ^ long.MinValue);
                return eight;
            default:
                throw new InvalidOperationException("This key was never set.");
        }
    }

    /// <summary>Some key of a kind, for documents whose key means nothing, as the changes of all records that match.</summary>
    public static RecordKey Any(RecordKeyKind kind) =>
        kind switch
        {
            RecordKeyKind.Guid => Guid.Empty,
            RecordKeyKind.Int32 => 0,
            RecordKeyKind.Int64 => 0L,
            _ => "any",
        };

    /// <summary>
    /// Which of so many partitions the key belongs to, from 0. The same for ever and on every machine: the upper 64 bits of the product of
    /// <paramref name="partitions"/> and the key's hash, XXH3 (64 bits, seed 0) of its stored form, which is a byte for the kind (1 string,
    /// 2 Guid, 3 Int32, 4 Int64) and then UTF-8, the Guid's bytes in big-endian order, or the big-endian integer with its sign bit flipped.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no partition.</exception>
    /// <exception cref="InvalidOperationException">The key was never set.</exception>
    public int PartitionOf(int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (int)Math.BigMul(XxHash3.HashToUInt64(Encode()), (ulong)partitions, out _);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static RecordKey Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 1)
        {
            var body = bytes[1..];
            switch ((RecordKeyKind)bytes[0])
            {
                case RecordKeyKind.String:
                    return new RecordKey(RecordKeyKind.String, Encoding.UTF8.GetString(body), default, 0);
                case RecordKeyKind.Guid when body.Length == 16:
                    return From(new Guid(body, bigEndian: true));
                case RecordKeyKind.Int32 when body.Length == 4:
                    return From(BinaryPrimitives.ReadInt32BigEndian(body) ^ int.MinValue);
                case RecordKeyKind.Int64 when body.Length == 8:
                    return From(BinaryPrimitives.ReadInt64BigEndian(body) ^ long.MinValue);
            }
        }

        throw new FormatException("Stored bytes are no record key.");
    }

    /// <inheritdoc />
    public bool Equals(RecordKey other) =>
        Kind == other.Kind
        && _number == other._number
        && _guid == other._guid
        && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is RecordKey other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() =>
        Kind switch
        {
            RecordKeyKind.String => _text!.GetHashCode(StringComparison.Ordinal),
            RecordKeyKind.Guid => _guid.GetHashCode(),
            _ => HashCode.Combine(Kind, _number),
        };

    /// <inheritdoc />
    public int CompareTo(RecordKey other)
    {
        var byKind = Kind.CompareTo(other.Kind);
        if (byKind != 0)
            return byKind;
        return Kind switch
        {
            RecordKeyKind.String => string.CompareOrdinal(_text, other._text),
            RecordKeyKind.Guid => _guid.CompareTo(other._guid),
            _ => _number.CompareTo(other._number),
        };
    }

    /// <summary>The key as text, culture-invariant.</summary>
    public override string ToString() =>
        Kind switch
        {
            RecordKeyKind.String => _text!,
            RecordKeyKind.Guid => _guid.ToString(),
            RecordKeyKind.Int32 or RecordKeyKind.Int64 => _number.ToString(CultureInfo.InvariantCulture),
            _ => "(no key)",
        };

    /// <summary>Equality by kind and value.</summary>
    public static bool operator ==(RecordKey left, RecordKey right) => left.Equals(right);

    /// <summary>Inequality by kind and value.</summary>
    public static bool operator !=(RecordKey left, RecordKey right) => !left.Equals(right);

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
