using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SearchEngine.Vectors.Quantization;

/// <summary>
/// A pseudo-random orthogonal map: rounds of random sign flips and normalised Walsh–Hadamard transforms. A dimension that is no power of
/// two
/// is covered by two overlapping blocks of the largest power of two below it, transformed in turn. Lengths and inner products are kept;
/// the energy of any vector, however its components are distributed, is spread evenly, so that every component of a vector of length r is
/// close to normal with deviation r/√d. That is what lets one data-independent scale fit all components.
/// Source: Ailon and Chazelle 2006 (fast Johnson–Lindenstrauss transform); RaBitQ (Gao and Long 2024) for its use before quantization.
/// </summary>
internal sealed unsafe class RandomRotation
{
    private const int Rounds = 2;
    private readonly int _dimension;
    private readonly int _block;
    private readonly float[] _signs;

    public RandomRotation(int dimension, int seed)
    {
        _dimension = dimension;
        _block = 1 << BitOperations.Log2((uint)dimension);
        var passes = _block == dimension ? Rounds : 2 * Rounds;
        _signs = new float[passes * dimension];
        var state = (ulong)(uint)seed * 0x9E3779B97F4A7C15UL + 0x853C49E6748FEA9BUL;
        for (var i = 0; i < _signs.Length; i++)
        {
            var z = state += 0x9E3779B97F4A7C15UL;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            _signs[i] = ((z ^ (z >> 31)) & 1) == 0 ? 1f : -1f;
        }
    }

    /// <summary>Rotates <paramref name="vector"/> in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Apply(float* vector)
    {
        var passes = _signs.Length / _dimension;
        var scale = 1 / MathF.Sqrt(_block);
        fixed (float* signs = _signs)
        {
            for (var pass = 0; pass < passes; pass++)
            {
                var start = (pass & 1) == 1 ? _dimension - _block : 0;
                var block = vector + start;
                var blockSigns = signs + pass * _dimension + start;
                Scale(block, blockSigns, scale, _block);
                Hadamard(block, _block);
            }
        }
    }

    /// <summary>Undoes <see cref="Apply"/>, in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ApplyInverse(float* vector)
    {
        var scale = 1 / MathF.Sqrt(_block);
        fixed (float* signs = _signs)
        {
            for (var pass = _signs.Length / _dimension - 1; pass >= 0; pass--)
            {
                var start = (pass & 1) == 1 ? _dimension - _block : 0;
                var block = vector + start;
                var blockSigns = signs + pass * _dimension + start;
                Hadamard(block, _block);
                Scale(block, blockSigns, scale, _block);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* x, float* signs, float scale, int n)
    {
        var i = 0;
        for (var scales = Vector256.Create(scale); i <= n - Vector256<float>.Count; i += Vector256<float>.Count)
            (Vector256.Load(x + i) * (Vector256.Load(signs + i) * scales)).Store(x + i);
        for (; i < n; i++)
            x[i] *= signs[i] * scale;
    }

    /// <summary>The Walsh–Hadamard transform without scaling, in place, of a power of two of values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Hadamard(float* x, int n)
    {
        if (n < Vector256<float>.Count)
        {
            HadamardScalar(x, n);
            return;
        }
        // The first three rounds within vectors of eight: (a, b) becomes (a + b, a - b).
        var second1 = Vector256.Create(1f, -1f, 1f, -1f, 1f, -1f, 1f, -1f);
        var second2 = Vector256.Create(1f, 1f, -1f, -1f, 1f, 1f, -1f, -1f);
        var second4 = Vector256.Create(1f, 1f, 1f, 1f, -1f, -1f, -1f, -1f);
        for (var i = 0; i < n; i += Vector256<float>.Count)
        {
            var v = Vector256.Load(x + i);
            v = v * second1 + Vector256.Shuffle(v, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
            v = v * second2 + Vector256.Shuffle(v, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5));
            v = v * second4 + Vector256.Shuffle(v, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3));
            v.Store(x + i);
        }
        var h = Vector256<float>.Count;
        for (; h < n; h <<= 1)
        {
            for (var i = 0; i < n; i += h << 1)
            {
                for (var j = i; j < i + h; j += 8)
                {
                    Vector256<float> a = Vector256.Load(x + j),
                        b = Vector256.Load(x + j + h);
                    (a + b).Store(x + j);
                    (a - b).Store(x + j + h);
                }
            }
        }
    }

    /// <summary>As <see cref="Hadamard"/>, to the last bit, by single values: codes may not depend on the instruction set.</summary>
    internal static void HadamardScalar(float* x, int n)
    {
        for (var h = 1; h < n; h <<= 1)
        {
            for (var i = 0; i < n; i += h << 1)
            {
                for (var j = i; j < i + h; j++)
                {
                    float a = x[j],
                        b = x[j + h];
                    x[j] = a + b;
                    x[j + h] = a - b;
                }
            }
        }
    }
}
