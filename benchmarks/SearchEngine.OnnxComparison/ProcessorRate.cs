using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SearchEngine.OnnxComparison;

/// <summary>What one core can do at most: multiply-adds of registers alone, no memory.</summary>
internal static class ProcessorRate
{
    private const int Accumulators = 12; // two units with a latency of four or five cycles are kept busy by ten
    private const int Steps = 4_000_000;

    /// <summary>GFLOP per CPU-second in float32, two for a multiply-add: the best of some tries.</summary>
    public static double Measure()
    {
        double best = 0;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var before = Environment.CpuUsage.TotalTime;
            var lanes = Vector512.IsHardwareAccelerated ? Wide() : Narrow();
            best = Math.Max(best, 2.0 * lanes * Accumulators * Steps / (Environment.CpuUsage.TotalTime - before).TotalSeconds / 1e9);
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Wide()
    {
        Vector512<float> m = Vector512.Create(0.999f),
            c = Vector512.Create(0.001f);
        Vector512<float> s0 = c,
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
            s0 = Vector512.FusedMultiplyAdd(s0, m, c);
            s1 = Vector512.FusedMultiplyAdd(s1, m, c);
            s2 = Vector512.FusedMultiplyAdd(s2, m, c);
            s3 = Vector512.FusedMultiplyAdd(s3, m, c);
            s4 = Vector512.FusedMultiplyAdd(s4, m, c);
            s5 = Vector512.FusedMultiplyAdd(s5, m, c);
            s6 = Vector512.FusedMultiplyAdd(s6, m, c);
            s7 = Vector512.FusedMultiplyAdd(s7, m, c);
            s8 = Vector512.FusedMultiplyAdd(s8, m, c);
            s9 = Vector512.FusedMultiplyAdd(s9, m, c);
            s10 = Vector512.FusedMultiplyAdd(s10, m, c);
            s11 = Vector512.FusedMultiplyAdd(s11, m, c);
        }

        return Used(Vector512.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11), Vector512<float>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Narrow()
    {
        Vector256<float> m = Vector256.Create(0.999f),
            c = Vector256.Create(0.001f);
        Vector256<float> s0 = c,
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
            s0 = Vector256.FusedMultiplyAdd(s0, m, c);
            s1 = Vector256.FusedMultiplyAdd(s1, m, c);
            s2 = Vector256.FusedMultiplyAdd(s2, m, c);
            s3 = Vector256.FusedMultiplyAdd(s3, m, c);
            s4 = Vector256.FusedMultiplyAdd(s4, m, c);
            s5 = Vector256.FusedMultiplyAdd(s5, m, c);
            s6 = Vector256.FusedMultiplyAdd(s6, m, c);
            s7 = Vector256.FusedMultiplyAdd(s7, m, c);
            s8 = Vector256.FusedMultiplyAdd(s8, m, c);
            s9 = Vector256.FusedMultiplyAdd(s9, m, c);
            s10 = Vector256.FusedMultiplyAdd(s10, m, c);
            s11 = Vector256.FusedMultiplyAdd(s11, m, c);
        }

        return Used(Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11), Vector256<float>.Count);
    }

    /// <summary>The lanes; the sum is looked at, so that it is computed.</summary>
    private static int Used(float sum, int lanes) =>
        float.IsFinite(sum) ? lanes : throw new InvalidOperationException("The sum is not finite.");
}
