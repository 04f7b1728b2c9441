using System.Numerics.Tensors;
using SearchEngine.Vectors.Distance;

namespace SearchEngine.Vectors.Quantization;

/// <summary>
/// Half-precision codes compared with float queries, for components up to 65,504 and, under other metrics than cosine, lengths from 1e-4.
/// </summary>
internal sealed unsafe class Float16Codec(int dimension, DistanceMetric metric) : VectorCodec(dimension, metric)
{
    private const float Largest = 65504;

    // Halves are 6e-8 apart below 6e-5: of shorter vectors too little would be left.
    private const float LeastSquare = 1e-8f;

    // Half precision has 11 significant bits: the relative rounding error is at most 2^-11 and below 2^-12 in the root mean square.
    private const float RelativeDeviation = 1f / 4096;

    public override int RowBytes { get; } = RoundUp(dimension * sizeof(ushort));

    public override bool IsFine => Metric == DistanceMetric.Cosine;

    public override bool HasTerms => false;

    public override int QueryBytes { get; } = RoundUp(dimension * sizeof(float)) + 64;

    public override bool Fits(float* vector)
    {
        var squared = FloatKernels.Dot(vector, vector, Dimension);
        return Metric == DistanceMetric.Cosine
            || (
                base.Fits(vector)
                && (squared >= LeastSquare || new ReadOnlySpan<float>(vector, Dimension).IndexOfAnyExcept(0f) < 0)
                && MathF.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<float>(vector, Dimension))) <= Largest
            );
    }

    public override void Encode(float* vector, float* work, byte* row, float* terms)
    {
        var halves = (ushort*)row;
        for (var i = 0; i < Dimension; i++)
            halves[i] = BitConverter.HalfToUInt16Bits((Half)Math.Clamp(vector[i], -Largest, Largest));
    }

    public override void Decode(byte* row, float* terms, float* vector) =>
        TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(row, Dimension), new Span<float>(vector, Dimension));

    public override void PrepareQuery(float* vector, float* work, byte* query)
    {
        var values = (float*)(query + 64);
        Buffer.MemoryCopy(vector, values, Dimension * sizeof(float), Dimension * sizeof(float));
        *(float*)query = MathF.Sqrt(FloatKernels.Dot(vector, vector, Dimension));
    }

    public override void PrepareFromCode(byte* row, float* terms, byte* query) =>
        TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(row, Dimension), new Span<float>(query + 64, Dimension));

    public override float Deviation(byte* query, float* terms)
    {
        // Errors of the components are independent; under cosine the row has length 1.
        var norm = *(float*)query;
        var single = RelativeDeviation * norm / MathF.Sqrt(Dimension);
        return Metric == DistanceMetric.Cosine ? single : float.PositiveInfinity;
    }

    public override void Score(byte* query, byte** rows, float** terms, int count, float* distances)
    {
        var q = (float*)(query + 64);
        var n = Dimension;
        switch (Metric)
        {
            case DistanceMetric.Cosine:
                for (var i = 0; i < count; i++)
                    distances[i] = 1 - HalfKernels.Dot(q, (ushort*)rows[i], n);
                break;
            case DistanceMetric.DotProduct:
                for (var i = 0; i < count; i++)
                    distances[i] = -HalfKernels.Dot(q, (ushort*)rows[i], n);
                break;
            default:
                for (var i = 0; i < count; i++)
                    distances[i] = HalfKernels.SquaredDistance(q, (ushort*)rows[i], n);
                break;
        }
    }
}
