using System.Numerics;

namespace SearchEngine.Embeddings;

/// <summary>Rotary position embedding over rows in memory; tables grow with the longest sequence seen. One thread at a time.</summary>
internal sealed unsafe class CpuRotary
{
    private readonly double[] _frequencies;
    private readonly double _factor;
    private float[] _cosine = [];
    private float[] _sine = [];
    private int _length;

    public CpuRotary(double theta, int headDim, RopeScaling? scaling)
    {
        _frequencies = RopeScaling.InverseFrequencies(theta, headDim, scaling);
        _factor = scaling?.AttentionFactor ?? 1;
    }

    /// <summary>Prepares positions 0 … <paramref name="length"/> - 1.</summary>
    public void Reserve(int length)
    {
        if (length <= _length)
            return;
        length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, 64));
        var half = _frequencies.Length;
        _cosine = new float[length * half];
        _sine = new float[length * half];
        for (var position = 0; position < length; position++)
        {
            for (var j = 0; j < half; j++)
            {
                (var s, var c) = Math.SinCos(position * _frequencies[j]);
                (s, c) = (s * _factor, c * _factor);
                _cosine[position * half + j] = (float)c;
                _sine[position * half + j] = (float)s;
            }
        }
        _length = length;
    }

    /// <summary>Turns consecutive heads of one token in place: (x1, x2) becomes (x1·cos − x2·sin, x2·cos + x1·sin).</summary>
    /// <param name="row">The first head's first element.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="position">The token's position, prepared.</param>
    public void Rotate(float* row, int heads, int position)
    {
        var half = _frequencies.Length;
        fixed (
            float* cosines = &_cosine[position * half],
                sines = &_sine[position * half]
        )
        {
            for (var head = 0; head < heads; head++, row += 2 * half)
            {
                var j = 0;
                for (; j + Vector<float>.Count <= half; j += Vector<float>.Count)
                {
                    Vector<float> c = Vector.Load(cosines + j),
                        s = Vector.Load(sines + j);
                    Vector<float> a = Vector.Load(row + j),
                        b = Vector.Load(row + half + j);
                    Vector.Store(a * c - b * s, row + j);
                    Vector.Store(b * c + a * s, row + half + j);
                }
                for (; j < half; j++)
                {
                    float a = row[j],
                        b = row[half + j];
                    row[j] = a * cosines[j] - b * sines[j];
                    row[half + j] = b * cosines[j] + a * sines[j];
                }
            }
        }
    }
}
