using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SearchEngine.Vectors.Distance;

/// <summary>
/// Numbers of differing bits between one sketch of 256 bits and many. Sketches lie in blocks of eight: the first words of all of the block,
/// then the second words, and so on, so that a vector register holds the same word of all eight and sums stay in their lanes. Bits are
/// counted
/// by a table of sixteen entries in a register (Muła, Kurz and Lemire 2018, "Faster Population Counts Using AVX2 Instructions").
/// </summary>
internal static unsafe class SketchKernels
{
    /// <summary>Words of 64 bits in a sketch.</summary>
    public const int Words = 4;

    /// <summary>Sketches of a block.</summary>
    public const int BlockSize = 8;

    /// <summary>Words of a block.</summary>
    public const int BlockWords = Words * BlockSize;

    /// <summary>Words of a block's first halves.</summary>
    public const int HalfBlockWords = BlockWords / 2;

    /// <summary>Counts the bits in which the first halves of sketches, 128 bits each, differ from the query's.</summary>
    /// <param name="query">The sketch to compare with.</param>
    /// <param name="halves">The first two words of each block's eight sketches, <see cref="HalfBlockWords"/> words a block.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="differing">Receives a number for each sketch, <see cref="BlockSize"/> a block.</param>
    public static void CountHalves(ulong* query, ulong* halves, int blocks, byte* differing)
    {
        if (Avx512BW.IsSupported)
            CountHalvesAvx512(query, halves, blocks, differing);
        else if (Avx2.IsSupported)
            CountHalvesAvx2(query, halves, blocks, differing);
        else
            CountHalvesScalar(query, halves, blocks, differing);
    }

    /// <summary>Finds the next block in which a sketch differs from the query in fewer bits than a limit.</summary>
    /// <param name="query">The sketch to compare with.</param>
    /// <param name="blocks">The blocks, <see cref="BlockWords"/> words each.</param>
    /// <param name="from">The first block looked at.</param>
    /// <param name="end">One more than the last.</param>
    /// <param name="limit">A number of bits.</param>
    /// <param name="differing">Receives the <see cref="BlockSize"/> numbers of the block found.</param>
    /// <returns>The block; <paramref name="end"/> if there is none.</returns>
    public static int Next(ulong* query, ulong* blocks, int from, int end, int limit, ulong* differing)
    {
        if (Avx512BW.IsSupported)
            return NextAvx512(query, blocks, from, end, limit, differing);
        if (Avx2.IsSupported)
            return NextAvx2(query, blocks, from, end, limit, differing);
        return NextScalar(query, blocks, from, end, limit, differing);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int NextAvx512(ulong* query, ulong* blocks, int from, int end, int limit, ulong* differing)
    {
        Vector512<ulong> q0 = Vector512.Create(query[0]),
            q1 = Vector512.Create(query[1]),
            q2 = Vector512.Create(query[2]),
            q3 = Vector512.Create(query[3]);
        var limits = Vector512.Create((long)limit);
        var low = Vector512.Create((byte)0x0F);
        var counts = Vector256.Create(Counts(), Counts());
        var table = Vector512.Create(counts, counts);
        for (var i = from; i < end; i++)
        {
            var block = blocks + (nint)i * BlockWords;
            var sum =
                Count(Vector512.Load(block) ^ q0, table, low)
                + Count(Vector512.Load(block + BlockSize) ^ q1, table, low)
                + Count(Vector512.Load(block + 2 * BlockSize) ^ q2, table, low)
                + Count(Vector512.Load(block + 3 * BlockSize) ^ q3, table, low);
            var bits = Avx512BW.SumAbsoluteDifferences(sum, default).AsInt64();
            if (Vector512.LessThanAny(bits, limits))
            {
                bits.AsUInt64().Store(differing);
                return i;
            }
        }
        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int NextAvx2(ulong* query, ulong* blocks, int from, int end, int limit, ulong* differing)
    {
        Vector256<ulong> q0 = Vector256.Create(query[0]),
            q1 = Vector256.Create(query[1]),
            q2 = Vector256.Create(query[2]),
            q3 = Vector256.Create(query[3]);
        var limits = Vector256.Create((long)limit);
        var low = Vector256.Create((byte)0x0F);
        var table = Vector256.Create(Counts(), Counts());
        for (var i = from; i < end; i++)
        {
            var block = blocks + (nint)i * BlockWords;
            Vector256<long> first = Half(block),
                second = Half(block + BlockSize / 2);
            if (Vector256.LessThanAny(first, limits) || Vector256.LessThanAny(second, limits))
            {
                first.AsUInt64().Store(differing);
                second.AsUInt64().Store(differing + BlockSize / 2);
                return i;
            }
        }
        return end;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<long> Half(ulong* half)
        {
            var sum =
                Count(Vector256.Load(half) ^ q0, table, low)
                + Count(Vector256.Load(half + BlockSize) ^ q1, table, low)
                + Count(Vector256.Load(half + 2 * BlockSize) ^ q2, table, low)
                + Count(Vector256.Load(half + 3 * BlockSize) ^ q3, table, low);
            return Avx2.SumAbsoluteDifferences(sum, default).AsInt64();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CountHalvesAvx512(ulong* query, ulong* halves, int blocks, byte* differing)
    {
        Vector512<ulong> q0 = Vector512.Create(query[0]),
            q1 = Vector512.Create(query[1]);
        var low = Vector512.Create((byte)0x0F);
        var counts = Vector256.Create(Counts(), Counts());
        var table = Vector512.Create(counts, counts);
        for (var i = 0; i < blocks; i++, halves += HalfBlockWords, differing += BlockSize)
        {
            var sum = Count(Vector512.Load(halves) ^ q0, table, low) + Count(Vector512.Load(halves + BlockSize) ^ q1, table, low);
            var bits = Avx512BW.SumAbsoluteDifferences(sum, default).AsUInt64();
            *(ulong*)differing = Avx512F.ConvertToVector128Byte(bits).AsUInt64().ToScalar();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CountHalvesAvx2(ulong* query, ulong* halves, int blocks, byte* differing)
    {
        Vector256<ulong> q0 = Vector256.Create(query[0]),
            q1 = Vector256.Create(query[1]);
        var low = Vector256.Create((byte)0x0F);
        var table = Vector256.Create(Counts(), Counts());
        for (var i = 0; i < blocks; i++, halves += HalfBlockWords, differing += BlockSize)
        {
            var words = Vector256.Narrow(Half(halves), Half(halves + BlockSize / 2));
            var shorts = Vector128.Narrow(words.GetLower(), words.GetUpper());
            *(ulong*)differing = Vector128.Narrow(shorts, shorts).AsUInt64().ToScalar();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<ulong> Half(ulong* half)
        {
            var sum = Count(Vector256.Load(half) ^ q0, table, low) + Count(Vector256.Load(half + BlockSize) ^ q1, table, low);
            return Avx2.SumAbsoluteDifferences(sum, default).AsUInt64();
        }
    }

    private static void CountHalvesScalar(ulong* query, ulong* halves, int blocks, byte* differing)
    {
        for (var i = 0; i < blocks; i++, halves += HalfBlockWords, differing += BlockSize)
        {
            for (var s = 0; s < BlockSize; s++)
            {
                differing[s] = (byte)(
                    BitOperations.PopCount(halves[s] ^ query[0]) + BitOperations.PopCount(halves[BlockSize + s] ^ query[1])
                );
            }
        }
    }

    private static int NextScalar(ulong* query, ulong* blocks, int from, int end, int limit, ulong* differing)
    {
        for (var i = from; i < end; i++)
        {
            var block = blocks + (nint)i * BlockWords;
            var found = false;
            for (var s = 0; s < BlockSize; s++)
            {
                var bits = 0;
                for (var w = 0; w < Words; w++)
                    bits += BitOperations.PopCount(block[w * BlockSize + s] ^ query[w]);
                differing[s] = (ulong)bits;
                found |= bits < limit;
            }
            if (found)
                return i;
        }
        return end;
    }

    // How many bits each byte has, by a table of those of four bits.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Count(Vector512<ulong> x, Vector512<byte> table, Vector512<byte> low) =>
        Avx512BW.Shuffle(table, x.AsByte() & low) + Avx512BW.Shuffle(table, Avx512BW.ShiftRightLogical(x.AsUInt16(), 4).AsByte() & low);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Count(Vector256<ulong> x, Vector256<byte> table, Vector256<byte> low) =>
        Avx2.Shuffle(table, x.AsByte() & low) + Avx2.Shuffle(table, Avx2.ShiftRightLogical(x.AsUInt16(), 4).AsByte() & low);

    // How many bits each value of four bits has.
    private static Vector128<byte> Counts() => Vector128.Create((byte)0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
}
