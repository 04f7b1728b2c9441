using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SearchEngine.Vectors.Memory;

/// <summary>
/// Rows of a fixed number of bytes in native memory that grows without moving: chunks of a power-of-two number of rows, zero-filled, on
/// huge pages from the second chunk on. Reading needs no lock; <see cref="Ensure"/> takes one.
/// </summary>
/// <remarks>
/// Chunks lie one behind the other in blocks that fill huge pages: a chunk of 3 MiB (8,192 codes of 384 bytes) by itself would hold four.
/// Of a block only what is used is resident.
/// </remarks>
internal sealed unsafe class NativeTable : IDisposable
{
    private const long MinChunkBytes = 2L << 20;

    /// <summary>From this size on a block need not fill its last huge page: one in sixteen is as much as is lost.</summary>
    private const long LeastFullBlockBytes = 32L << 20;

    private readonly Lock _growing = new();
    private readonly List<nint> _allocations = [];
    private readonly int _shift;
    private readonly int _mask;
    private readonly int _blockChunks;
    private byte** _chunks;
    private byte* _block;
    private int _blockLeft;
    private int _tableLength;
    private int _chunkCount;
    private int _capacity;
    private MappedPages? _pages;

    public NativeTable(int stride)
    {
        Stride = stride;
        var rows = (long)BitOperations.RoundUpToPowerOf2((ulong)((MinChunkBytes + stride - 1) / stride));
        _shift = BitOperations.Log2((ulong)rows);
        _mask = (int)rows - 1;
        // A power of two is the least number that fills huge pages: what a chunk's bytes lack to be a multiple of one is a power of two.
        _blockChunks = 1;
        while (_blockChunks * ChunkRowBytes % HugePages.Size != 0 && _blockChunks * ChunkRowBytes < LeastFullBlockBytes)
            _blockChunks *= 2;
    }

    public int Stride { get; }

    /// <summary>Rows that can be addressed now.</summary>
    public int Capacity => Volatile.Read(ref _capacity);

    /// <summary>
    /// The address of a row below <see cref="Capacity"/>. SAFETY: callers only use rows they have ensured or read from published links.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(int row)
    {
        var address = _chunks[(uint)row >> _shift] + (nint)(row & _mask) * Stride;
        if (_pages != null)
            CheckPages(address);
        return address;
    }

    /// <summary>Rows of a chunk, as a power of two: what an image of the table was written with must agree.</summary>
    public int ChunkShift => _shift;

    /// <summary>Bytes of a chunk's rows.</summary>
    public long ChunkRowBytes => (long)Stride << _shift;

    /// <summary>Chunks there are.</summary>
    public int Chunks => _chunkCount;

    /// <summary>The address of a chunk's first row.</summary>
    public byte* Chunk(int index) => _chunks[index];

    /// <summary>
    /// Takes chunks that lie one after the other in a mapped image for the first of an empty table. What they hold is checked at its first
    /// use.
    /// </summary>
    public void Attach(MappedPages pages, byte* start, int chunks)
    {
        lock (_growing)
        {
            for (var i = 0; i < chunks; i++)
            {
                if (_chunkCount == _tableLength)
                    GrowTable();
                _chunks[_chunkCount++] = start + i * ChunkRowBytes;
            }
            _pages = pages;
            Volatile.Write(ref _capacity, (int)Math.Min(int.MaxValue, (long)_chunkCount << _shift));
        }
    }

    /// <summary>Checks rows that are about to be read through a <see cref="View"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CheckRows(int* rows, int count)
    {
        if (_pages == null)
            return;
        for (var i = 0; i < count; i++)
            Row(rows[i]);
    }

    private void CheckPages(byte* address)
    {
        var pages = _pages;
        if (pages == null)
            return;
        if (pages.AreAllSound)
            _pages = null;
        else
            pages.Check(address, Stride);
    }

    /// <summary>Chunk addresses, rows per chunk as a shift, and the mask within a chunk, for loops that keep them in registers.</summary>
    public TableView View => new(_chunks, _shift, _mask, Stride);

    /// <summary>Makes every row up to and including <paramref name="row"/> addressable.</summary>
    public void Ensure(int row)
    {
        if (row < Capacity)
            return;
        lock (_growing)
        {
            while (row >= _capacity)
            {
                if (_chunkCount == _tableLength)
                    GrowTable();
                if (_blockLeft == 0)
                    AddBlock();
                _chunks[_chunkCount++] = _block;
                _block += ChunkRowBytes;
                _blockLeft--;
                Volatile.Write(ref _capacity, (int)Math.Min(int.MaxValue, (long)_chunkCount << _shift));
            }
        }
    }

    /// <summary>
    /// Moves row <paramref name="rows"/>[i] to row i for all i, cycle by cycle. Nothing else may use the table meanwhile.
    /// </summary>
    /// <param name="rows">A permutation of the rows below its length.</param>
    public void Permute(int[] rows)
    {
        var held = new byte[Stride];
        var done = new bool[rows.Length];
        for (var start = 0; start < rows.Length; start++)
        {
            if (done[start] || rows[start] == start)
                continue;
            new ReadOnlySpan<byte>(Row(start), Stride).CopyTo(held);
            var to = start;
            for (var from = rows[to]; from != start; from = rows[to])
            {
                Buffer.MemoryCopy(Row(from), Row(to), Stride, Stride);
                done[to] = true;
                to = from;
            }
            held.CopyTo(new Span<byte>(Row(to), Stride));
            done[to] = true;
        }
    }

    // The first chunk has a block of its own, since most tables never need another.
    private void AddBlock()
    {
        var chunks = _chunkCount == 0 ? 1 : _blockChunks;
        var bytes = (nuint)(chunks * ChunkRowBytes);
        var raw = (nuint)NativeMemory.AllocZeroed(bytes + HugePages.Size);
        _allocations.Add((nint)raw);
        _block = (byte*)((raw + HugePages.Size - 1) / HugePages.Size * HugePages.Size);
        _blockLeft = chunks;
        if (_chunkCount >= 1)
            HugePages.Advise(_block, bytes, alreadyTouched: false);
        if (_chunkCount == 1 && _pages == null)
            HugePages.Advise(_chunks[0], (nuint)(ChunkRowBytes / HugePages.Size * HugePages.Size), alreadyTouched: true);
    }

    // Old pointer tables stay allocated until the end: a reader may still hold one.
    private void GrowTable()
    {
        var length = Math.Max(8, _tableLength * 2);
        var table = (byte**)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(byte*));
        _allocations.Add((nint)table);
        for (var i = 0; i < _chunkCount; i++)
            table[i] = _chunks[i];
        Thread.MemoryBarrier();
        _chunks = table;
        _tableLength = length;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    ~NativeTable() => Free();

    private void Free()
    {
        lock (_growing)
        {
            foreach (var allocation in _allocations)
                NativeMemory.Free((void*)allocation);
            _allocations.Clear();
            _blockLeft = 0;
            _capacity = 0;
            _chunkCount = 0;
        }
    }
}

/// <summary>The addressing of a <see cref="NativeTable"/> at one moment; rows ensured before it was taken stay valid.</summary>
internal readonly unsafe struct TableView(byte** chunks, int shift, int mask, int stride)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Row(int row) => chunks[(uint)row >> shift] + (nint)(row & mask) * stride;
}
