using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SearchEngine.OnnxComparison;

/// <summary>What one core can do at most: multiply-adds of registers alone, no memory.</summary>
internal static class ProcessorRate
{
    private const int Accumulators = 12; // two units with a latency of four or five cycles are kept busy by ten
    private const int Steps = 4_000_000;

    /// <summary>Vectors of one width.</summary>
    private interface ILanes<T>
    {
        static abstract int Count { get; }

        static abstract T Create(float value);

        static abstract T MultiplyAdd(T a, T b, T c);

        static abstract float Sum(T vector);
    }

    /// <summary>GFLOP per CPU-second in float32, two for a multiply-add: the best of some tries.</summary>
    public static double Measure()
    {
        double best = 0;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var before = Environment.CpuUsage.TotalTime;
            var lanes = Vector512.IsHardwareAccelerated ? Run<Wide, Vector512<float>>() : Run<Narrow, Vector256<float>>();
            best = Math.Max(best, 2.0 * lanes * Accumulators * Steps / (Environment.CpuUsage.TotalTime - before).TotalSeconds / 1e9);
        }

        return best;
    }

    /// <summary>Returns the lanes of a vector; the sums are looked at, so that they are computed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Run<TLanes, T>()
        where TLanes : ILanes<T>
    {
        T m = TLanes.Create(0.999f),
            c = TLanes.Create(0.001f);
        T s0 = c,
            s1 = c,
            s2 = c,
            s3 = c,
            s4 = c,
            s5 = c,
            s6 = c,
            s7 = c,
            s8 = c,
            s9 = c,
            s10 = c,
            s11 = c;
        for (var i = 0; i < Steps; i++)
        {
            s0 = TLanes.MultiplyAdd(s0, m, c);
            s1 = TLanes.MultiplyAdd(s1, m, c);
            s2 = TLanes.MultiplyAdd(s2, m, c);
            s3 = TLanes.MultiplyAdd(s3, m, c);
            s4 = TLanes.MultiplyAdd(s4, m, c);
            s5 = TLanes.MultiplyAdd(s5, m, c);
            s6 = TLanes.MultiplyAdd(s6, m, c);
            s7 = TLanes.MultiplyAdd(s7, m, c);
            s8 = TLanes.MultiplyAdd(s8, m, c);
            s9 = TLanes.MultiplyAdd(s9, m, c);
            s10 = TLanes.MultiplyAdd(s10, m, c);
            s11 = TLanes.MultiplyAdd(s11, m, c);
        }

        var sum = TLanes.Sum(s0) + TLanes.Sum(s1) + TLanes.Sum(s2) + TLanes.Sum(s3) + TLanes.Sum(s4) + TLanes.Sum(s5);
        sum += TLanes.Sum(s6) + TLanes.Sum(s7) + TLanes.Sum(s8) + TLanes.Sum(s9) + TLanes.Sum(s10) + TLanes.Sum(s11);
        return float.IsFinite(sum) ? TLanes.Count : throw new InvalidOperationException("The sum is not finite.");
    }

    private readonly struct Wide : ILanes<Vector512<float>>
    {
        public static int Count => Vector512<float>.Count;

        public static Vector512<float> Create(float value) => Vector512.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
            Vector512.FusedMultiplyAdd(a, b, c);

        public static float Sum(Vector512<float> vector) => Vector512.Sum(vector);
    }

    private readonly struct Narrow : ILanes<Vector256<float>>
    {
        public static int Count => Vector256<float>.Count;

        public static Vector256<float> Create(float value) => Vector256.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
            Vector256.FusedMultiplyAdd(a, b, c);

        public static float Sum(Vector256<float> vector) => Vector256.Sum(vector);
    }
}
