using System.Numerics.Tensors;
using SearchEngine.Vectors.Distance;

namespace SearchEngine.Vectors.Quantization;

/// <summary>
/// 4-bit codes: the residual's components in 16 equal steps around zero, with the step per vector that gives the code the smallest angle to
/// the residual, among a few around the best one for normal components.
/// </summary>
internal sealed unsafe class Int4Codec : ResidualCodec
{
    // The best step of a 16-level uniform quantizer of a normal variable is 0.3352 deviations (Max 1960).
    private static readonly float[] Steps = [0.335f, 0.30f, 0.32f, 0.35f, 0.37f];

    // What 16 levels lose of a normal residual: the code vector is at an angle whose tangent is about .108; a little more for short
    // vectors.
    private const float RelativeError = 0.12f;
    private const float CodeLevel = 7.5f;

    // Below this the inverse of a step would overflow.
    private const float LeastLargest = 1e-35f;
    private readonly int _components;

    public Int4Codec(int dimension, DistanceMetric metric, int seed)
        : base(dimension, metric, seed)
    {
        _components = (dimension + Int4Kernels.BlockComponents - 1) / Int4Kernels.BlockComponents * Int4Kernels.BlockComponents;
        RowBytes = _components / 2;
    }

    public override int RowBytes { get; }

    public override int QueryBytes => HeaderBytes + _components;

    public override void Encode(float* vector, float* work, byte* row, float* terms)
    {
        var n = Dimension;
        var bias = Residual(vector, work, out var norm2);
        var deviation = MathF.Sqrt(norm2 / n);
        float bestStep = 1,
            bestCosine = -1,
            bestProduct = 1;
        if (deviation > LeastLargest)
        {
            foreach (var relative in Steps)
            {
                float inverse = 1 / (relative * deviation),
                    product = 0,
                    length = 0;
                for (var i = 0; i < n; i++)
                {
                    var level = Math.Clamp(MathF.Floor(work[i] * inverse), -8, 7) + 0.5f;
                    product += level * work[i];
                    length += level * level;
                }
                var cosine = product / MathF.Sqrt(length);
                if (cosine > bestCosine)
                    (bestCosine, bestStep, bestProduct) = (cosine, inverse, product);
            }
        }
        new Span<byte>(row, RowBytes).Clear();
        for (var i = 0; i < n; i++)
        {
            var code = (int)Math.Clamp(MathF.Floor(work[i] * bestStep), -8, 7) + 8;
            int block = i / Int4Kernels.BlockComponents,
                within = i % Int4Kernels.BlockComponents;
            row[block * Int4Kernels.BlockBytes + within % 64] |= (byte)(within < 64 ? code : code << 4);
        }
        terms[0] = deviation > LeastLargest ? norm2 / bestProduct : 0;
        terms[1] = bias;
    }

    public override void PrepareQuery(float* vector, float* work, byte* query)
    {
        var n = Dimension;
        var bias = Residual(vector, work, out var norm2);
        var largest = MathF.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(work, n)));
        var scale = largest > LeastLargest ? largest / 127 : 1;
        var q = (sbyte*)(query + HeaderBytes);
        var sum = 0;
        var inverse = 1 / scale;
        for (var i = 0; i < n; i++)
        {
            q[i] = (sbyte)Math.Clamp((int)MathF.Round(work[i] * inverse), -127, 127);
            sum += q[i];
        }
        new Span<byte>(query + HeaderBytes + n, _components - n).Clear();
        Fill(query, scale, sum, bias, MathF.Sqrt(norm2));
    }

    public override void PrepareFromCode(byte* row, float* terms, byte* query)
    {
        // Twice the level, an odd number of -15…15; half the factor makes up for it.
        var q = (sbyte*)(query + HeaderBytes);
        var sum = 0;
        for (var block = 0; block < RowBytes; block += 64)
        {
            var codes = row + block;
            var low = q + 2 * block;
            for (var i = 0; i < 64; i++)
            {
                low[i] = (sbyte)(2 * (codes[i] & 15) - 15);
                low[i + 64] = (sbyte)(2 * (codes[i] >> 4) - 15);
            }
        }
        new Span<byte>(query + HeaderBytes + Dimension, _components - Dimension).Clear();
        for (var i = 0; i < Dimension; i++)
            sum += q[i];
        Fill(query, terms[0] / 2, sum, terms[1], 0);
    }

    protected override void Levels(byte* row, float* levels)
    {
        for (var i = 0; i < Dimension; i++)
        {
            int block = i / Int4Kernels.BlockComponents,
                within = i % Int4Kernels.BlockComponents;
            int code = row[block * Int4Kernels.BlockBytes + within % 64];
            levels[i] = (within < 64 ? code & 15 : code >> 4) - CodeLevel;
        }
    }

    private void Fill(byte* query, float scale, int sum, float bias, float norm)
    {
        var header = (float*)query;
        header[0] = -Weight * scale;
        header[1] = bias + QueryConstant;
        header[2] = CodeLevel * sum;
        header[3] = norm;
    }

    public override float Deviation(byte* query, float* terms)
    {
        // The code vector has about √n · 2.98 levels of length: factor · length is the residual's length.
        var norm = ((float*)query)[3];
        return Weight * RelativeError * norm * terms[0] * (1 / 0.335f);
    }

    public override void Score(byte* query, byte** rows, float** terms, int count, float* distances)
    {
        float factor = ((float*)query)[0],
            bias = ((float*)query)[1],
            middle = ((float*)query)[2];
        var dots = (int*)distances;
        Int4Kernels.Dot((sbyte*)(query + HeaderBytes), rows, count, RowBytes, dots);
        for (var i = 0; i < count; i++)
            distances[i] = bias + terms[i][1] + factor * terms[i][0] * (dots[i] - middle);
    }
}
