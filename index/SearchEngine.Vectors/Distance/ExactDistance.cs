using System.Runtime.CompilerServices;

namespace SearchEngine.Vectors.Distance;

/// <summary>
/// The distances of the metrics, right for all finite vectors: where a sum of squares or products would leave the range of 32-bit floats,
/// or
/// lose its digits below it, it is taken in 64 bits. A distance too large for a float is the largest float: never infinite, never no
/// number.
/// </summary>
internal static unsafe class ExactDistance
{
    // Beyond these a sum of squares or products may have overflowed, or lost more than the rounding of floats to underflow.
    private const float LeastSum = 1e-30f;
    private const float LargestSum = 1e30f;

    /// <summary>1 - cos of a vector of length 1 and any other.</summary>
    public static float CosineOfUnit(float* unit, float* b, int n)
    {
        var norm2 = FloatKernels.Dot(b, b, n);
        if (IsSafe(norm2))
            return 1 - FloatKernels.Dot(unit, b, n) / MathF.Sqrt(norm2);
        (double dot, double length2) = (0, 0);
        for (var i = 0; i < n; i++)
        {
            dot += (double)unit[i] * b[i];
            length2 += (double)b[i] * b[i];
        }
        return (float)(1 - dot / Math.Sqrt(length2));
    }

    /// <summary>⟨a, b⟩.</summary>
    public static float Dot(float* a, float* b, int n)
    {
        var dot = FloatKernels.Dot(a, b, n);
        return IsSafe(MathF.Abs(dot)) ? dot : WideDot(a, b, n);
    }

    /// <summary>‖a - b‖₂.</summary>
    public static float Euclidean(float* a, float* b, int n)
    {
        var squared = FloatKernels.SquaredDistance(a, b, n);
        return IsSafe(squared) ? MathF.Sqrt(squared) : WideEuclidean(a, b, n);
    }

    /// <summary>‖a - b‖₁.</summary>
    public static float Manhattan(float* a, float* b, int n)
    {
        var sum = FloatKernels.AbsoluteDistance(a, b, n);
        return sum < LargestSum ? sum : WideManhattan(a, b, n);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSafe(float sum) => sum is > LeastSum and < LargestSum;

    private static float WideDot(float* a, float* b, int n)
    {
        double sum = 0;
        for (var i = 0; i < n; i++)
            sum += (double)a[i] * b[i];
        return Saturate(sum);
    }

    private static float WideEuclidean(float* a, float* b, int n)
    {
        double sum = 0;
        for (var i = 0; i < n; i++)
        {
            var d = (double)a[i] - b[i];
            sum += d * d;
        }
        return Saturate(Math.Sqrt(sum));
    }

    private static float WideManhattan(float* a, float* b, int n)
    {
        double sum = 0;
        for (var i = 0; i < n; i++)
            sum += Math.Abs((double)a[i] - b[i]);
        return Saturate(sum);
    }

    private static float Saturate(double value) => (float)Math.Clamp(value, -float.MaxValue, float.MaxValue);
}
