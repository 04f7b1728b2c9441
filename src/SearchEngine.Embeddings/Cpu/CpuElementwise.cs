using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SearchEngine.Embeddings.Cpu;

/// <summary>
/// Elementwise parts of encoder layers over rows in memory. Every row is computed by itself and always in the same order, so that it does
/// not depend on its batch.
/// </summary>
internal static unsafe class CpuElementwise
{
    /// <summary>
    /// −ln(erfc(u/√2)/2) on [0, 8] by a polynomial, lowest power first: our own weighted minimax fit, after which GELU is within 4e-8 of
    /// the exact one, evaluated in float32.
    /// </summary>
    private static readonly float[] GaussianTail =
    [
        0.693146706f,
        0.797892094f,
        0.318267405f,
        0.0364492834f,
        -0.00494896341f,
        0.000105284671f,
        0.000143156401f,
        -3.79582671e-05f,
        4.93666221e-06f,
        -3.38245087e-07f,
        9.66610436e-09f,
    ];

    /// <summary>(row − mean) / √(variance + ε) · weight + bias, for each row; the target may be the source.</summary>
    /// <param name="rows">(count, size), <paramref name="stride"/> elements apart</param>
    /// <param name="target">As the source.</param>
    public static void LayerNorm(float* rows, float* target, int count, int stride, int size, float* weight, float* bias, float epsilon)
    {
        for (var i = 0; i < count; i++, rows += stride, target += stride)
        {
            var mean = Sum(rows, size) / size;
            var variance = SumOfSquares(rows, size, mean) / size;
            var factor = 1 / MathF.Sqrt(variance + epsilon);
            var j = 0;
            Vector256<float> m = Vector256.Create(mean),
                f = Vector256.Create(factor);
            for (; j + 8 <= size; j += 8)
            {
                var centred = (Vector256.Load(rows + j) - m) * f;
                Vector256.MultiplyAddEstimate(centred, Vector256.Load(weight + j), Vector256.Load(bias + j)).Store(target + j);
            }
            for (; j < size; j++)
                target[j] = MathF.FusedMultiplyAdd((rows[j] - mean) * factor, weight[j], bias[j]);
        }
    }

    /// <summary>x = x · Φ(x), GELU by the error function, in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gelu(float* x, int count)
    {
        var i = 0;
        if (VectorWidth.Has512)
        {
            for (; i + 16 <= count; i += 16)
            {
                var value = Vector512.Load(x + i);
                Vector512<float> u = Vector512.Abs(value),
                    near = Vector512.Min(u, Vector512.Create(8f));
                var p = Vector512.Create(GaussianTail[10]);
                for (var k = 9; k >= 0; k--)
                    p = Vector512.MultiplyAddEstimate(p, near, Vector512.Create(GaussianTail[k]));
                Vector512.MultiplyAddEstimate(-u, Exp(-p), Vector512.Max(value, Vector512<float>.Zero)).Store(x + i);
            }
        }
        for (; i + 8 <= count; i += 8)
        {
            var value = Vector256.Load(x + i);
            Vector256<float> u = Vector256.Abs(value),
                near = Vector256.Min(u, Vector256.Create(8f));
            var p = Vector256.Create(GaussianTail[10]);
            for (var k = 9; k >= 0; k--)
                p = Vector256.MultiplyAddEstimate(p, near, Vector256.Create(GaussianTail[k]));
            Vector256.MultiplyAddEstimate(-u, Exp(-p), Vector256.Max(value, Vector256<float>.Zero)).Store(x + i);
        }
        for (; i < count; i++)
        {
            float u = MathF.Abs(x[i]),
                near = MathF.Min(u, 8f),
                p = GaussianTail[10];
            for (var k = 9; k >= 0; k--)
                p = MathF.FusedMultiplyAdd(p, near, GaussianTail[k]);
            x[i] = MathF.FusedMultiplyAdd(-u, MathF.Exp(-p), MathF.Max(x[i], 0));
        }
    }

    /// <summary>x = x · Φ(x) by the tanh formula, in place: 1/2 · (1 + tanh(a)) is the sigmoid of 2a.</summary>
    public static void GeluTanh(float* x, int count)
    {
        var root = (float)(2 * Math.Sqrt(2 / Math.PI));
        var i = 0;
        for (; i + 8 <= count; i += 8)
        {
            var value = Vector256.Load(x + i);
            var inner =
                value
                * Vector256.Create(root)
                * Vector256.MultiplyAddEstimate(value * value, Vector256.Create(0.044715f), Vector256<float>.One);
            // e^-|a| / (1 + e^-|a|) is the smaller of the two sigmoids of ±a.
            var small = Exp(-Vector256.Abs(inner));
            var lower = small / (Vector256<float>.One + small);
            (
                value * Vector256.ConditionalSelect(Vector256.LessThan(inner, Vector256<float>.Zero), lower, Vector256<float>.One - lower)
            ).Store(x + i);
        }
        for (; i < count; i++)
            x[i] /= 1 + MathF.Exp(-root * x[i] * (1 + 0.044715f * x[i] * x[i]));
    }

    /// <summary>gate = gate · sigmoid(gate) · up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SiluTimesUp(float* gate, float* up, int count)
    {
        var i = 0;
        // e^-|x| / (1 + e^-|x|) is the smaller of the two sigmoids of ±x, 1 / (1 + e^-|x|) the larger.
        if (VectorWidth.Has512)
        {
            var one = Vector512<float>.One;
            for (; i + 16 <= count; i += 16)
            {
                var value = Vector512.Load(gate + i);
                var small = Exp(-Vector512.Abs(value));
                var above = Vector512.ConditionalSelect(Vector512.LessThan(value, Vector512<float>.Zero), small, one);
                (value * above / (one + small) * Vector512.Load(up + i)).Store(gate + i);
            }
        }
        for (; i + 8 <= count; i += 8)
        {
            var one = Vector256<float>.One;
            var value = Vector256.Load(gate + i);
            var small = Exp(-Vector256.Abs(value));
            var above = Vector256.ConditionalSelect(Vector256.LessThan(value, Vector256<float>.Zero), small, one);
            (value * above / (one + small) * Vector256.Load(up + i)).Store(gate + i);
        }
        for (; i < count; i++)
            gate[i] = gate[i] / (1 + MathF.Exp(-gate[i])) * up[i];
    }

    /// <summary>row = e^(row − largest), in place.</summary>
    /// <returns>1 / the sum of the row.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ExpShifted(float* row, int count)
    {
        var largest = float.NegativeInfinity;
        var i = 0;
        if (count >= 8)
        {
            var most = Vector256.Load(row);
            i = 8;
            if (VectorWidth.Has512 && count >= 16)
            {
                var wide = Vector512.Load(row);
                for (i = 16; i + 16 <= count; i += 16)
                    wide = Vector512.Max(wide, Vector512.Load(row + i));
                most = Vector256.Max(wide.GetLower(), wide.GetUpper());
            }
            for (; i + 8 <= count; i += 8)
                most = Vector256.Max(most, Vector256.Load(row + i));
            for (var lane = 0; lane < 8; lane++)
                largest = MathF.Max(largest, most[lane]);
        }
        for (; i < count; i++)
            largest = MathF.Max(largest, row[i]);

        // The sum is in the same order at every width.
        var sums = Vector256<float>.Zero;
        i = 0;
        if (VectorWidth.Has512)
        {
            var shift = Vector512.Create(largest);
            for (; i + 16 <= count; i += 16)
            {
                var value = Exp(Vector512.Load(row + i) - shift);
                value.Store(row + i);
                sums += value.GetLower();
                sums += value.GetUpper();
            }
        }
        for (; i + 8 <= count; i += 8)
        {
            var value = Exp(Vector256.Load(row + i) - Vector256.Create(largest));
            value.Store(row + i);
            sums += value;
        }
        float sum = 0;
        if (i < count)
        {
            var rest = stackalloc float[8];
            Vector256.Create(largest).Store(rest);
            var left = count - i;
            for (var j = 0; j < left; j++)
                rest[j] = row[i + j];
            Exp(Vector256.Load(rest) - Vector256.Create(largest)).Store(rest);
            for (var j = 0; j < left; j++)
                sum += row[i + j] = rest[j];
        }
        return 1 / (sum + Vector256.Sum(sums));
    }

    /// <summary>e^x for x up to 0, to float32's last digit or two; not a number stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        // x = n·ln 2 + r with |r| ≤ ln 2 / 2; e^r by its power series, 2^n through the exponent's bits.
        var kept = Vector256.Max(x, Vector256.Create(-87f));
        var n = Vector256.Round(kept * Vector256.Create(1.44269504f));
        var r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-0.693359375f), kept);
        r = Vector256.MultiplyAddEstimate(n, Vector256.Create(2.12194440e-4f), r);
        var p = Vector256.Create(1f / 5040);
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1f / 720));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1f / 120));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1f / 24));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1f / 6));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(0.5f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256<float>.One);
        p = Vector256.MultiplyAddEstimate(p, r, Vector256<float>.One);
        var exponent = Vector256.ConvertToInt32(n) << 23;
        return (p.AsInt32() + exponent).AsSingle();
    }

    /// <inheritdoc cref="Exp(Vector256{float})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        var kept = Vector512.Max(x, Vector512.Create(-87f));
        var n = Vector512.Round(kept * Vector512.Create(1.44269504f));
        var r = Vector512.MultiplyAddEstimate(n, Vector512.Create(-0.693359375f), kept);
        r = Vector512.MultiplyAddEstimate(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.Create(1f / 5040);
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1f / 720));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1f / 120));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1f / 24));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1f / 6));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(0.5f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512<float>.One);
        p = Vector512.MultiplyAddEstimate(p, r, Vector512<float>.One);
        var exponent = Vector512.ConvertToInt32(n) << 23;
        return (p.AsInt32() + exponent).AsSingle();
    }

    private static float Sum(float* x, int count)
    {
        var sums = Vector256<float>.Zero;
        var i = 0;
        for (; i + 8 <= count; i += 8)
            sums += Vector256.Load(x + i);
        var sum = Vector256.Sum(sums);
        for (; i < count; i++)
            sum += x[i];
        return sum;
    }

    private static float SumOfSquares(float* x, int count, float mean)
    {
        Vector256<float> sums = Vector256<float>.Zero,
            m = Vector256.Create(mean);
        var i = 0;
        for (; i + 8 <= count; i += 8)
        {
            var d = Vector256.Load(x + i) - m;
            sums = Vector256.MultiplyAddEstimate(d, d, sums);
        }
        var sum = Vector256.Sum(sums);
        for (; i < count; i++)
            sum += (x[i] - mean) * (x[i] - mean);
        return sum;
    }
}
