using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using SearchEngine.Vectors.Distance;

namespace SearchEngine.Vectors.Quantization;

/// <summary>
/// 8-bit codes after a random rotation. Under cosine every vector has length 1 and, rotated, components close to normal with deviation
/// 1/√d: one scale known beforehand fits all data, nothing is trained, nothing drifts and no correction terms are needed. Dot product and
/// Euclidean distance take a scale per vector (its largest component) and, for Euclidean, its squared length as terms
/// (as in LVQ, Aguerrebere et al. 2023). The inner product of the codes is exact integer arithmetic, see <see cref="Int8Kernels"/>.
/// </summary>
internal sealed unsafe class Int8Codec : VectorCodec
{
    // Of components of a rotated unit vector one in 150,000 is beyond 4.5 deviations; it is clipped.
    private const float CosineRange = 4.5f;
    private const int HeaderBytes = 64;
    private const float LeastLargest = 1e-35f;

    // 1 / √12: the deviation of a rounding error in units of the step.
    private const float StepDeviation = 0.2887f;
    private readonly RandomRotation _rotation;
    private readonly float _cosineScale;

    public Int8Codec(int dimension, DistanceMetric metric, int seed)
        : base(dimension, metric)
    {
        RowBytes = RoundUp(dimension);
        _rotation = new RandomRotation(dimension, seed);
        var deviation = 1 / MathF.Sqrt(dimension);
        _cosineScale = MathF.Min(1f, CosineRange * deviation) / 127;
    }

    public override int RowBytes { get; }

    public override bool IsFine => true;

    public override bool HasTerms => Metric != DistanceMetric.Cosine;

    public override int QueryBytes => HeaderBytes + 2 * RowBytes;

    public override int RerankFor(int k, int ef) => Math.Min(ef, 4 * k);

    public override float Deviation(byte* query, float* terms)
    {
        // Rounding of the row's components against the query, and of the query's against the row: steps / √12 each.
        var header = (float*)query;
        float queryStep = header[3],
            queryNorm = header[4];
        if (Metric == DistanceMetric.Cosine)
            return StepDeviation * MathF.Sqrt(_cosineScale * _cosineScale + queryStep * queryStep);
        // The largest of many normal components is above two deviations: 127 steps / 2 is the deviation of a component, from above.
        float rowStep = terms[0],
            rowNorm = rowStep * 127 / 2 * MathF.Sqrt(Dimension);
        var deviation = StepDeviation * MathF.Sqrt(rowStep * rowStep * queryNorm * queryNorm + queryStep * queryStep * rowNorm * rowNorm);
        return Metric == DistanceMetric.Euclidean ? 2 * deviation : deviation;
    }

    public override void Encode(float* vector, float* work, byte* row, float* terms)
    {
        var n = Dimension;
        Buffer.MemoryCopy(vector, work, n * sizeof(float), n * sizeof(float));
        _rotation.Apply(work);
        var scale = Metric == DistanceMetric.Cosine ? _cosineScale : Largest(work, n) / 127;
        Quantize(work, n, scale, (sbyte*)row);
        new Span<byte>(row + n, RowBytes - n).Clear();
        if (terms != null)
        {
            terms[0] = scale;
            terms[1] = Metric == DistanceMetric.Euclidean ? FloatKernels.Dot(vector, vector, n) : 0;
        }
    }

    public override void Decode(byte* row, float* terms, float* vector)
    {
        var scale = terms == null ? _cosineScale : terms[0];
        for (var i = 0; i < Dimension; i++)
            vector[i] = ((sbyte*)row)[i] * scale;
        _rotation.ApplyInverse(vector);
    }

    public override void PrepareQuery(float* vector, float* work, byte* query)
    {
        var n = Dimension;
        Buffer.MemoryCopy(vector, work, n * sizeof(float), n * sizeof(float));
        _rotation.Apply(work);
        var scale = Largest(work, n) / 127;
        var bias = Metric == DistanceMetric.Euclidean ? FloatKernels.Dot(vector, vector, n) : 0;
        // The codes go to the end of the work area's own bytes: each is written after the float it came from was read.
        var codes = (sbyte*)work;
        Quantize(work, n, scale, codes);
        new Span<sbyte>(codes + n, RowBytes - n).Clear();
        Fill(query, codes, scale, bias);
        ((float*)query)[3] = scale;
        ((float*)query)[4] = MathF.Sqrt(FloatKernels.Dot(vector, vector, n));
    }

    public override void PrepareFromCode(byte* row, float* terms, byte* query) =>
        Fill(query, (sbyte*)row, terms == null ? _cosineScale : terms[0], terms == null ? 0 : terms[1]);

    private void Fill(byte* query, sbyte* codes, float scale, float bias)
    {
        var header = (float*)query;
        header[0] = Metric switch
        {
            DistanceMetric.Cosine => -scale * _cosineScale,
            DistanceMetric.DotProduct => -scale,
            _ => -2 * scale,
        };
        header[1] = Metric == DistanceMetric.Cosine ? 1 : bias;
        ((int*)query)[2] = Int8Kernels.Prepare(codes, RowBytes, query + HeaderBytes, query + HeaderBytes + RowBytes);
    }

    public override void Score(byte* query, byte** rows, float** terms, int count, float* distances)
    {
        float factor = ((float*)query)[0],
            bias = ((float*)query)[1];
        var correction = ((int*)query)[2];
        var dots = (int*)distances;
        Int8Kernels.Dot(query + HeaderBytes, query + HeaderBytes + RowBytes, rows, count, RowBytes, dots);
        if (terms == null)
        {
            for (var i = 0; i < count; i++)
                distances[i] = bias + factor * (dots[i] + correction);
        }
        else
        {
            for (var i = 0; i < count; i++)
                distances[i] = bias + terms[i][1] + factor * terms[i][0] * (dots[i] + correction);
        }
    }

    private static float Largest(float* x, int n)
    {
        var largest = MathF.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(x, n)));
        // Below this the inverse of a step would overflow: all such vectors are as good as zero.
        return largest > LeastLargest ? largest : 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quantize(float* x, int n, float scale, sbyte* codes)
    {
        var inverse = 1 / scale;
        for (var i = 0; i < n; i++)
            codes[i] = (sbyte)Math.Clamp((int)MathF.Round(x[i] * inverse), -127, 127);
    }
}
