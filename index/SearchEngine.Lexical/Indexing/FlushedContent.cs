using System.Buffers;
using Lucene.Net.Store;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// What is written to a file before it goes to the disk: in a few large parts that are used again. Lucene's own file in memory is made of
/// parts of one kilobyte, a hundred thousand of them for one flush, which outlive collections of the garbage that are young and wait for one that
/// is not. Used by one thread.
/// </summary>
internal sealed class FlushedContent : BufferedIndexOutput
{
    private const int PartBytes = 128 << 10;

    private readonly List<byte[]> _parts = [];
    private long _length;

    public override long Length => Math.Max(_length, Position);

    /// <summary>Parts that are held.</summary>
    internal int Parts => _parts.Count;

    /// <summary>Copies everything to an output.</summary>
    public void WriteTo(IndexOutput output)
    {
        Flush();
        var left = _length;
        foreach (var part in _parts)
        {
            var n = (int)Math.Min(left, PartBytes);
            output.WriteBytes(part, 0, n);
            left -= n;
        }
    }

    protected override void FlushBuffer(byte[] b, int offset, int len)
    {
        while (len > 0)
        {
            var at = (int)(_length % PartBytes);
            if (at == 0)
                _parts.Add(ArrayPool<byte>.Shared.Rent(PartBytes));
            var n = Math.Min(len, PartBytes - at);
            b.AsSpan(offset, n).CopyTo(_parts[^1].AsSpan(at));
            (_length, offset, len) = (_length + n, offset + n, len - n);
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        foreach (var part in _parts)
            ArrayPool<byte>.Shared.Return(part);
        _parts.Clear();
    }
}
