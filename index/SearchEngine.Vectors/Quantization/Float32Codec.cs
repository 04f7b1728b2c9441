using SearchEngine.Vectors.Distance;

namespace SearchEngine.Vectors.Quantization;

/// <summary>Codes that are the prepared vectors themselves.</summary>
internal sealed unsafe class Float32Codec(int dimension, DistanceMetric metric) : VectorCodec(dimension, metric)
{
    public override int RowBytes { get; } = RoundUp(dimension * sizeof(float));

    public override bool HasTerms => false;

    public override int QueryBytes => RowBytes;

    public override bool IsExact => true;

    public override float Deviation(byte* query, float* terms) => 0;

    public override void Encode(float* vector, float* work, byte* row, float* terms) =>
        Buffer.MemoryCopy(vector, row, RowBytes, Dimension * sizeof(float));

    public override void Decode(byte* row, float* terms, float* vector) =>
        Buffer.MemoryCopy(row, vector, Dimension * sizeof(float), Dimension * sizeof(float));

    public override void PrepareQuery(float* vector, float* work, byte* query) =>
        Buffer.MemoryCopy(vector, query, RowBytes, Dimension * sizeof(float));

    public override void PrepareFromCode(byte* row, float* terms, byte* query) => Buffer.MemoryCopy(row, query, RowBytes, RowBytes);

    public override void Score(byte* query, byte** rows, float** terms, int count, float* distances)
    {
        var n = Dimension;
        switch (Metric)
        {
            case DistanceMetric.Cosine:
                for (var i = 0; i < count; i++)
                    distances[i] = 1 - FloatKernels.Dot((float*)query, (float*)rows[i], n);
                break;
            case DistanceMetric.DotProduct:
                for (var i = 0; i < count; i++)
                    distances[i] = -FloatKernels.Dot((float*)query, (float*)rows[i], n);
                break;
            default:
                for (var i = 0; i < count; i++)
                    distances[i] = FloatKernels.SquaredDistance((float*)query, (float*)rows[i], n);
                break;
        }
    }
}
