using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Lucene.Net.Store;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Mapped;

/// <summary>
/// Reads a mapped file or a part of one. Clones and slices are a few words each, nothing is copied, and nothing remembers them: every query
/// makes some dozens. Used by one thread; its clones by others at the same time. A clone that a merge makes lets go of what lies behind it:
/// merges read whole segments once, from begin to end, which the process would otherwise hold all together.
/// </summary>
internal sealed unsafe class MappedInput : IndexInput
{
    private const int LongestInt32 = 5;
    private const int LongestInt64 = 9;

    /// <summary>A merge lets go of so many bytes at a time.</summary>
    private const int LetGoBytes = 256 << 10;

    private readonly MappedFile _file;
    private long _start;
    private long _end;

    // Where the next byte is, in the file.
    private long _at;
    private bool _isOwner;

    // Up to where the file was let go, for a merge's clone; -1 for others.
    private long _letGo = -1;

    /// <summary>Reads a whole file and closes it when disposed.</summary>
    internal MappedInput(MappedFile file)
        : base($"MappedInput({file})")
    {
        _file = file;
        _end = file.Length;
        _isOwner = true;
    }

    public override long Length => _end - _start;

    public override long Position => _at - _start;

    /// <summary>All bytes, of a part that is not larger than 2 GB. Valid until the file is closed.</summary>
    internal ReadOnlySpan<byte> All
    {
        get
        {
            _file.ThrowIfClosed();
            // SAFETY: the part lies in the file, which is mapped until it is closed.
            return new ReadOnlySpan<byte>(_file.At(_start), checked((int)Length));
        }
    }

    public override byte ReadByte() => *Take(1);

    public override void ReadBytes(byte[] b, int offset, int len)
    {
        var target = b.AsSpan(offset, len);
        // SAFETY: Take saw to it that len bytes lie there.
        new ReadOnlySpan<byte>(Take(len), len).CopyTo(target);
    }

    public override short ReadInt16() => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<short>(Take(sizeof(short))));

    public override int ReadInt32() => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<int>(Take(sizeof(int))));

    public override long ReadInt64() => BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<long>(Take(sizeof(long))));

    public override int ReadVInt32()
    {
        // The last byte of a long one has four bits, or there is damage, which Lucene names, as it does the end of the file.
        if (_end - _at < LongestInt32 - 1 || !TryReadVariable(LongestInt32 - 1, out var value))
            return base.ReadVInt32();
        return (int)value;
    }

    public override long ReadVInt64()
    {
        if (_end - _at < LongestInt64 || !TryReadVariable(LongestInt64, out var value))
            return base.ReadVInt64();
        return value;
    }

    public override void SkipBytes(long numBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numBytes);
        if (numBytes > _end - _at)
            throw PastEnd(_at + numBytes);
        _at += numBytes;
    }

    public override void Seek(long pos)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pos);
        if (pos > _end - _start)
            throw PastEnd(_start + pos);
        _at = _start + pos;
        if (_letGo >= 0)
            LetGoBehind();
    }

    public override object Clone()
    {
        _file.ThrowIfClosed();
        var clone = (MappedInput)base.Clone();
        clone._isOwner = false;
        clone._letGo = MergeScheduler.IsMerging ? _at : -1;
        return clone;
    }

    /// <summary>A part of the file as an input of its own, which does not close it.</summary>
    /// <exception cref="ArgumentException">It does not lie in this one.</exception>
    internal MappedInput Slice(string description, long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new ArgumentException($"The part {description} at {offset} of {length} bytes does not lie in {this} of {Length} bytes.");
        var slice = (MappedInput)Clone();
        slice._start = slice._at = _start + offset;
        slice._letGo = -1;
        slice._end = slice._start + length;
        return slice;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _isOwner)
            _file.Dispose();
    }

    /// <summary>Called where the input goes to another place, which merges do for every word.</summary>
    private void LetGoBehind()
    {
        if (_at < _letGo)
        {
            _letGo = _at;
        }
        else if (_at - _letGo >= LetGoBytes)
        {
            _file.LetGo(_letGo, _at);
            _letGo = _at;
        }
    }

    /// <summary>Reads a number of variable length, unless it has more bytes than given; then nothing is read.</summary>
    private bool TryReadVariable(int longest, out long value)
    {
        // SAFETY: the caller saw to it that so many bytes lie there.
        var next = _file.At(_at);
        value = 0;
        for (var i = 0; i < longest; i++)
        {
            value |= (next[i] & 0x7FL) << (7 * i);
            if (next[i] < 0x80)
            {
                _at += i + 1;
                return true;
            }
        }

        return false;
    }

    private byte* Take(int count)
    {
        if ((ulong)count > (ulong)(_end - _at))
            throw PastEnd(_at + count);
        var bytes = _file.At(_at);
        _at += count;
        return bytes;
    }

    private EndOfStreamException PastEnd(long position) =>
        new($"The index file {_file} was to be read up to {position}, beyond the end of the part from {_start} to {_end}.");
}
