using System.Numerics;
using System.Numerics.Tensors;
using SearchEngine.Embeddings.Cpu;

namespace SearchEngine.Embeddings;

/// <summary>Elementwise parts of a layer.</summary>
internal static unsafe class CpuActivations
{
    /// <summary>target = source · factor · weight.</summary>
    public static void ScaleByWeight(ReadOnlySpan<float> source, float factor, ReadOnlySpan<float> weight, Span<float> target)
    {
        var i = 0;
        Vector<float> f = new(factor);
        for (; i + Vector<float>.Count <= source.Length; i += Vector<float>.Count)
            (new Vector<float>(source[i..]) * f * new Vector<float>(weight[i..])).CopyTo(target[i..]);
        for (; i < source.Length; i++)
            target[i] = source[i] * factor * weight[i];
    }

    /// <summary>gate = activation(gate) · up.</summary>
    /// <param name="scratch">As long as the others.</param>
    public static void GateTimesUp(DecoderActivation activation, Span<float> gate, ReadOnlySpan<float> up, Span<float> scratch)
    {
        switch (activation)
        {
            case DecoderActivation.Silu:
                fixed (
                    float* x = gate,
                        y = up
                )
                {
                    CpuElementwise.SiluTimesUp(x, y, gate.Length);
                }
                return;
            case DecoderActivation.GeluTanh:
                // 1/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))) is sigmoid of twice the argument.
                var root = (float)(2 * Math.Sqrt(2 / Math.PI));
                for (var i = 0; i < gate.Length; i++)
                    scratch[i] = root * (gate[i] + 0.044715f * gate[i] * gate[i] * gate[i]);
                TensorPrimitives.Sigmoid(scratch, scratch);
                break;
            default:
                for (var i = 0; i < gate.Length; i++)
                    scratch[i] = (float)(0.5 * (1 + Erf(gate[i] / Math.Sqrt(2))));
                break;
        }
        TensorPrimitives.Multiply(gate, scratch, gate);
        TensorPrimitives.Multiply(gate, up, gate);
    }

    /// <summary>
    /// The error function: its power series near zero, a continued fraction of its complement elsewhere, both to double precision
    /// (Abramowitz and Stegun 7.1.6 and 7.1.14).
    /// </summary>
    private static double Erf(double x)
    {
        var magnitude = Math.Abs(x);
        if (magnitude > 6)
            return Math.Sign(x);
        if (magnitude < 2.5)
        {
            double term = x,
                sum = x;
            for (var n = 1; n < 60 && Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
            {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
        }
        double fraction = 0;
        for (var n = 60; n >= 1; n--)
            fraction = n / 2.0 / (magnitude + fraction);
        return Math.Sign(x) * (1 - Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (magnitude + fraction));
    }
}
