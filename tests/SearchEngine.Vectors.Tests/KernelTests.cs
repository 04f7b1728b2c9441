using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using SearchEngine.Vectors.Distance;
using SearchEngine.Vectors.Quantization;
using Xunit;

namespace SearchEngine.Vectors.Tests;

/// <summary>
/// Every kernel against a plain loop, over dimensions 0 to 260 and extreme values. <see cref="InstructionSetTests"/> runs this class again
/// without AVX-512, AVX2 and any vectors.
/// </summary>
public unsafe class KernelTests
{
    /// <summary>Set by the parent process: the instruction set this process must be using.</summary>
    public const string ExpectedVariable = "VECTORS_TESTS_EXPECTED_ISA";

    internal static string InstructionSet =>
        Avx512BW.IsSupported ? "avx512"
        : Avx2.IsSupported ? "avx2"
        : Vector128.IsHardwareAccelerated ? "vector128"
        : "scalar";

    [Fact]
    public void RunsOnTheInstructionSetItIsMeantFor()
    {
        var expected = Environment.GetEnvironmentVariable(ExpectedVariable);
        Assert.Equal(expected ?? InstructionSet, InstructionSet);
    }

    [Fact]
    public void FloatKernelsAgreeWithDoublePrecision()
    {
        var random = new Random(1);
        for (var n = 0; n <= 260; n++)
        {
            using var a = new GuardedBuffer(n * sizeof(float));
            using var b = new GuardedBuffer(n * sizeof(float));
            float* x = (float*)a.Pointer,
                y = (float*)b.Pointer;
            double dot = 0,
                l2 = 0,
                l1 = 0,
                differing = 0,
                size = 1;
            for (var i = 0; i < n; i++)
            {
                x[i] = (float)(random.NextDouble() * 2 - 1);
                y[i] = i % 3 == 0 ? x[i] : (float)(random.NextDouble() * 2 - 1);
                dot += (double)x[i] * y[i];
                l2 += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
                l1 += Math.Abs((double)x[i] - y[i]);
                differing += x[i] != y[i] ? 1 : 0;
                size += Math.Abs((double)x[i] * y[i]);
            }
            Assert.Equal(dot, FloatKernels.Dot(x, y, n), 1e-5 * size);
            Assert.Equal(l2, FloatKernels.SquaredDistance(x, y, n), 1e-5 * (1 + l2));
            Assert.Equal(l1, FloatKernels.AbsoluteDistance(x, y, n), 1e-5 * (1 + l1));
            if (n > 0)
                Assert.Equal(differing, FloatKernels.DifferingCount(x, y, n));
        }
    }

    [Fact]
    public void HalfKernelsAgreeWithDoublePrecision()
    {
        var random = new Random(2);
        for (var n = 0; n <= 260; n++)
        {
            using var a = new GuardedBuffer(n * sizeof(float));
            using var b = new GuardedBuffer(n * sizeof(ushort));
            var x = (float*)a.Pointer;
            var y = (ushort*)b.Pointer;
            double dot = 0,
                l2 = 0,
                size = 1;
            for (var i = 0; i < n; i++)
            {
                x[i] = (float)(random.NextDouble() * 2 - 1);
                // Normal numbers, subnormals, zero and the largest.
                var h = (i % 7) switch
                {
                    0 => (Half)6e-8f,
                    1 => Half.Zero,
                    2 when n < 20 => Half.MaxValue,
                    _ => (Half)(float)(random.NextDouble() * 2 - 1),
                };
                y[i] = BitConverter.HalfToUInt16Bits(h);
                dot += (double)x[i] * (double)h;
                l2 += (x[i] - (double)h) * (x[i] - (double)h);
                size += Math.Abs(x[i] * (double)h);
            }
            Assert.Equal(dot, HalfKernels.Dot(x, y, n), 1e-5 * size);
            Assert.Equal(l2, HalfKernels.SquaredDistance(x, y, n), 1e-5 * (1 + l2));
        }
    }

    [Fact]
    public void Int8KernelIsExact()
    {
        var random = new Random(3);
        const int Count = 7;
        var rows = stackalloc byte*[Count];
        var results = stackalloc int[Count];
        foreach (var fill in new[] { 0, 127, -127, -128, 1 })
        {
            for (var bytes = 64; bytes <= 64 * 18; bytes += 64)
            {
                using var query = new GuardedBuffer(bytes);
                using var magnitude = new GuardedBuffer(bytes);
                using var sign = new GuardedBuffer(bytes);
                using var table = new GuardedBuffer(Count * bytes);
                for (var i = 0; i < bytes; i++)
                {
                    ((sbyte*)query.Pointer)[i] =
                        fill == 0 ? (sbyte)random.Next(-127, 128) : (sbyte)(fill == -128 || i % 2 == 0 ? -127 : 127);
                }
                for (var i = 0; i < Count * bytes; i++)
                    ((sbyte*)table.Pointer)[i] = fill == 0 ? (sbyte)random.Next(-128, 128) : (sbyte)fill;
                for (var r = 0; r < Count; r++)
                    rows[r] = table.Pointer + r * bytes;
                var correction = Int8Kernels.Prepare((sbyte*)query.Pointer, bytes, magnitude.Pointer, sign.Pointer);
                Int8Kernels.Dot(magnitude.Pointer, sign.Pointer, rows, Count, bytes, results);
                for (var r = 0; r < Count; r++)
                {
                    var expected = 0;
                    for (var i = 0; i < bytes; i++)
                        expected += ((sbyte*)query.Pointer)[i] * ((sbyte*)rows[r])[i];
                    Assert.Equal(expected, results[r] + correction);
                    Assert.Equal(Int8Kernels.Dot1Scalar(magnitude.Pointer, sign.Pointer, rows[r], bytes), results[r]);
                }
            }
        }
    }

    [Fact]
    public void Int4KernelIsExact()
    {
        var random = new Random(4);
        const int Count = 5;
        var rows = stackalloc byte*[Count];
        var results = stackalloc int[Count];
        foreach (var fill in new[] { -1, 0, 255 })
        {
            for (var bytes = 64; bytes <= 64 * 18; bytes += 64)
            {
                using var query = new GuardedBuffer(2 * bytes);
                using var table = new GuardedBuffer(Count * bytes);
                for (var i = 0; i < 2 * bytes; i++)
                    ((sbyte*)query.Pointer)[i] = fill < 0 ? (sbyte)random.Next(-127, 128) : (sbyte)(fill == 0 ? -127 : 127);
                for (var i = 0; i < Count * bytes; i++)
                    table.Pointer[i] = fill < 0 ? (byte)random.Next(256) : (byte)255;
                for (var r = 0; r < Count; r++)
                    rows[r] = table.Pointer + r * bytes;
                Int4Kernels.Dot((sbyte*)query.Pointer, rows, Count, bytes, results);
                for (var r = 0; r < Count; r++)
                    Assert.Equal(Int4Kernels.Dot1Scalar((sbyte*)query.Pointer, rows[r], bytes), results[r]);
            }
        }
    }

    [Fact]
    public void BinaryKernelCountsBits()
    {
        var random = new Random(5);
        const int Count = 3;
        var rows = stackalloc byte*[Count];
        var products = stackalloc int[Count];
        var ones = stackalloc int[Count];
        for (var words = 1; words <= 20; words++)
        {
            using var planes = new GuardedBuffer(BinaryKernels.Planes * words * 8);
            using var table = new GuardedBuffer(Count * words * 8);
            random.NextBytes(new Span<byte>(planes.Pointer, BinaryKernels.Planes * words * 8));
            random.NextBytes(new Span<byte>(table.Pointer, Count * words * 8));
            for (var r = 0; r < Count; r++)
                rows[r] = table.Pointer + r * words * 8;
            BinaryKernels.Dot((ulong*)planes.Pointer, rows, Count, words, products, ones);
            for (var r = 0; r < Count; r++)
            {
                int product = 0,
                    all = 0;
                for (var bit = 0; bit < words * 64; bit++)
                {
                    if ((((ulong*)rows[r])[bit / 64] >> (bit % 64) & 1) == 0)
                        continue;
                    all++;
                    for (var p = 0; p < BinaryKernels.Planes; p++)
                        product += (int)(((ulong*)planes.Pointer)[p * words + bit / 64] >> (bit % 64) & 1) << p;
                }
                Assert.Equal(product, products[r]);
                Assert.Equal(all, ones[r]);
            }
        }
    }

    [Fact]
    public void HadamardIsTheTransformAndTheSameToTheLastBitWithoutVectors()
    {
        var random = new Random(7);
        for (var n = 1; n <= 1024; n *= 2)
        {
            float[] whole = [.. Enumerable.Range(0, n).Select(_ => (float)random.Next(-9, 10))],
                transformed = [.. whole];
            float[] a = TestData.Gaussian(random, n),
                b = [.. a];
            fixed (
                float* x = transformed,
                    u = a,
                    v = b
            )
            {
                RandomRotation.Hadamard(x, n);
                RandomRotation.Hadamard(u, n);
                RandomRotation.HadamardScalar(v, n);
            }
            for (var i = 0; i < n; i++)
            {
                Assert.Equal(
                    Enumerable.Range(0, n).Sum(j => (BitOperations.PopCount((uint)(i & j)) & 1) == 0 ? whole[j] : -whole[j]),
                    transformed[i]
                );
                Assert.Equal(BitConverter.SingleToInt32Bits(b[i]), BitConverter.SingleToInt32Bits(a[i]));
            }
        }
    }

    [Fact]
    public void SketchKernelFindsTheNextBlockWithinALimitAndItsBits()
    {
        const int Blocks = 40,
            None = 0,
            All = 256 + 1;
        var random = new Random(8);
        ulong[] words =
        [
            .. Enumerable
                .Range(0, Blocks * SketchKernels.BlockWords)
                .Select(i => i % 11 == 0 ? ulong.MaxValue : (ulong)random.NextInt64() << 1),
        ];
        ulong[] query = [.. Enumerable.Range(0, SketchKernels.Words).Select(_ => (ulong)random.NextInt64())];
        var bits = new int[Blocks * SketchKernels.BlockSize];
        for (var i = 0; i < bits.Length; i++)
        {
            for (var w = 0; w < SketchKernels.Words; w++)
            {
                bits[i] += BitOperations.PopCount(
                    query[w]
                        ^ words[
                            i / SketchKernels.BlockSize * SketchKernels.BlockWords
                                + w * SketchKernels.BlockSize
                                + i % SketchKernels.BlockSize
                        ]
                );
            }
        }
        int[] limits = [None, bits.Min(), bits.Min() + 1, .. Enumerable.Range(0, 8).Select(i => 110 + 5 * i), All];
        var differing = stackalloc ulong[SketchKernels.BlockSize];
        fixed (
            ulong* q = query,
                blocks = words
        )
        {
            foreach (var limit in limits)
            {
                for (int from = 0, expected; from <= Blocks; from = expected + 1)
                {
                    expected = from;
                    while (
                        expected < Blocks
                        && !bits.Skip(expected * SketchKernels.BlockSize).Take(SketchKernels.BlockSize).Any(b => b < limit)
                    )
                    {
                        expected++;
                    }
                    Assert.Equal(expected, SketchKernels.Next(q, blocks, from, Blocks, limit, differing));
                    for (var i = 0; expected < Blocks && i < SketchKernels.BlockSize; i++)
                        Assert.Equal((ulong)bits[expected * SketchKernels.BlockSize + i], differing[i]);
                }
            }
        }
    }

    [Fact]
    public void HalvesOfSketchesAreCountedAlikeByEveryInstructionSet()
    {
        const int Blocks = 37;
        var random = new Random(9);
        ulong[] words =
        [
            .. Enumerable
                .Range(0, Blocks * SketchKernels.HalfBlockWords)
                .Select(i => i % 13 == 0 ? ulong.MaxValue : (ulong)random.NextInt64() << 1),
        ];
        foreach (var query in new ulong[][] { [0, 0], [ulong.MaxValue, ulong.MaxValue], [(ulong)random.NextInt64(), 1UL << 63] })
        {
            var differing = new byte[Blocks * SketchKernels.BlockSize + 1];
            differing[^1] = 77;
            fixed (
                ulong* q = query,
                    halves = words
            )
            {
                fixed (byte* counts = differing)
                    SketchKernels.CountHalves(q, halves, Blocks, counts);
            }
            for (var i = 0; i < differing.Length - 1; i++)
            {
                var at = i / SketchKernels.BlockSize * SketchKernels.HalfBlockWords + i % SketchKernels.BlockSize;
                Assert.Equal(
                    BitOperations.PopCount(words[at] ^ query[0]) + BitOperations.PopCount(words[at + SketchKernels.BlockSize] ^ query[1]),
                    differing[i]
                );
            }
            Assert.Equal(77, differing[^1]);
        }
    }

    [Fact]
    public void RotationKeepsInnerProductsAndCanBeUndone()
    {
        var random = new Random(6);
        foreach (var n in new[] { 2, 3, 5, 8, 17, 64, 100, 128, 384, 768, 1000 })
        {
            var rotation = new RandomRotation(n, 9);
            float[] a = TestData.Gaussian(random, n),
                b = TestData.Gaussian(random, n),
                ra = [.. a],
                rb = [.. b];
            fixed (
                float* x = ra,
                    y = rb
            )
            {
                rotation.Apply(x);
                rotation.Apply(y);
                var size = Math.Sqrt(a.Sum(v => v * v) * b.Sum(v => v * v));
                Assert.Equal(a.Zip(b, (u, v) => (double)u * v).Sum(), ra.Zip(rb, (u, v) => (double)u * v).Sum(), 1e-4 * size);
                rotation.ApplyInverse(x);
            }
            for (var i = 0; i < n; i++)
                Assert.Equal(a[i], ra[i], 1e-4);
        }
    }

    [Fact]
    public void CodecsEstimateDistancesWithinTheirOwnBound()
    {
        foreach (var metric in new[] { DistanceMetric.Cosine, DistanceMetric.DotProduct, DistanceMetric.Euclidean })
        {
            foreach (var n in new[] { 64, 96, 128, 300, 768 })
            {
                Check(new Int8Codec(n, metric, 3), n);
                Check(new Float16Codec(n, metric), n);
                Check(new Int4Codec(n, metric, 3), n);
                Check(new BinaryCodec(n, metric, 3), n);
            }
        }
    }

    private static void Check(VectorCodec codec, int n)
    {
        const int Count = 200;
        var rows = TestData.Clustered(Count + 1, n, 10, seed: n);
        if (codec.Metric == DistanceMetric.Cosine)
        {
            for (var i = 0; i <= Count; i++)
            {
                var row = rows.AsSpan(i * n, n);
                var norm = MathF.Sqrt(row.ToArray().Sum(v => v * v));
                for (var d = 0; d < n; d++)
                    row[d] /= norm;
            }
        }
        if (codec.CanTrain)
        {
            var mean = new float[n];
            for (var i = 0; i < Count * n; i++)
                mean[i % n] += rows[i] / Count;
            codec.Train(mean);
        }
        using var memory = new GuardedBuffer(codec.RowBytes * 2 + codec.QueryBytes + 8192 * 4 + 128);
        byte* query = memory.Pointer,
            code = query + codec.QueryBytes;
        float* terms = (float*)(code + codec.RowBytes),
            work = terms + 16;
        var list = stackalloc byte*[1];
        var termList = stackalloc float*[1];
        list[0] = code;
        termList[0] = terms;
        float distance;
        var outside = 0;
        double bias = 0,
            deviations = 0;
        fixed (float* values = rows)
        {
            codec.PrepareQuery(values + Count * n, work, query);
            for (var i = 0; i < Count; i++)
            {
                codec.Encode(values + i * n, work, code, codec.HasTerms ? terms : null);
                codec.Score(query, list, codec.HasTerms ? termList : null, 1, &distance);
                var exact = TestData.Distance(codec.Metric, rows.AsSpan(Count * n, n), rows.AsSpan(i * n, n));
                exact = codec.Metric == DistanceMetric.Euclidean ? exact * exact : exact;
                var deviation = codec.Deviation(query, terms);
                if (float.IsInfinity(deviation))
                    continue;
                bias += distance - exact;
                deviations += deviation;
                if (Math.Abs(distance - exact) > 3.5 * deviation + 1e-5 * (1 + Math.Abs(exact)))
                    outside++;
            }
        }
        // 3.5 deviations leave out one in 2,000; three of 200 would be chance below one in a thousand.
        Assert.True(outside <= 3, $"{codec.GetType().Name}, {codec.Metric}, {n}: {outside} of {Count} outside the bound");
        Assert.True(
            Math.Abs(bias) / Count <= deviations / Count + 1e-4,
            $"{codec.GetType().Name}, {codec.Metric}, {n}: bias {bias / Count}, deviation {deviations / Count}"
        );
    }
}
