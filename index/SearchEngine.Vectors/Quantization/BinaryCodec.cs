using SearchEngine.Vectors.Distance;

namespace SearchEngine.Vectors.Quantization;

/// <summary>
/// 1-bit codes: the signs of the rotated residual (RaBitQ). Queries have 4 bits per component. Needs re-ranking with many candidates.
/// </summary>
internal sealed unsafe class BinaryCodec : ResidualCodec
{
    private const int QueryLevels = (1 << BinaryKernels.Planes) - 1;

    // ⟨sign(r), r⟩ / (|r| √d) of a normal residual is √(2/π) = .798; the error of the estimate has the tangent of that angle as deviation.
    private const float SignSine = 0.603f;
    private readonly int _words;

    public BinaryCodec(int dimension, DistanceMetric metric, int seed)
        : base(dimension, metric, seed)
    {
        _words = (dimension + 63) / 64;
        RowBytes = (_words * 8 + 15) & ~15;
    }

    public override int RowBytes { get; }

    public override int QueryBytes => HeaderBytes + RoundUp(BinaryKernels.Planes * _words * sizeof(ulong));

    public override void Encode(float* vector, float* work, byte* row, float* terms)
    {
        var bias = Residual(vector, work, out var norm2);
        new Span<byte>(row, RowBytes).Clear();
        float sum = 0;
        for (var i = 0; i < Dimension; i++)
        {
            sum += MathF.Abs(work[i]);
            if (work[i] >= 0)
                ((ulong*)row)[i >> 6] |= 1UL << i;
        }
        terms[0] = sum > 0 ? norm2 / sum : 0;
        terms[1] = bias;
    }

    public override void PrepareQuery(float* vector, float* work, byte* query)
    {
        var n = Dimension;
        var bias = Residual(vector, work, out var norm2);
        float low = float.MaxValue,
            high = float.MinValue;
        for (var i = 0; i < n; i++)
        {
            low = MathF.Min(low, work[i]);
            high = MathF.Max(high, work[i]);
        }
        var step = high > low ? (high - low) / QueryLevels : 1;
        var planes = (ulong*)(query + HeaderBytes);
        new Span<ulong>(planes, BinaryKernels.Planes * _words).Clear();
        var sum = 0;
        for (var i = 0; i < n; i++)
        {
            var level = Math.Clamp((int)MathF.Round((work[i] - low) / step), 0, QueryLevels);
            sum += level;
            for (var plane = 0; plane < BinaryKernels.Planes; plane++)
                planes[plane * _words + (i >> 6)] |= (ulong)(level >> plane & 1) << i;
        }
        Fill(query, low, step, sum, bias, MathF.Sqrt(norm2));
    }

    public override void PrepareFromCode(byte* row, float* terms, byte* query)
    {
        // The signs themselves as a query: -1 + 2 · bit, times the factor.
        var planes = (ulong*)(query + HeaderBytes);
        new Span<ulong>(planes, BinaryKernels.Planes * _words).Clear();
        var sum = 0;
        for (var w = 0; w < _words; w++)
        {
            planes[w] = ((ulong*)row)[w];
            sum += System.Numerics.BitOperations.PopCount(planes[w]);
        }
        Fill(query, -terms[0], 2 * terms[0], sum, terms[1], 0);
    }

    protected override void Levels(byte* row, float* levels)
    {
        for (var i = 0; i < Dimension; i++)
            levels[i] = (((ulong*)row)[i >> 6] >> i & 1) != 0 ? 1 : -1;
    }

    // ⟨q, sign⟩ = Σ (2b - 1)(low + step·u) = 2·low·Σb + 2·step·Σb·u - low·n - step·Σu.
    private void Fill(byte* query, float low, float step, int sum, float bias, float norm)
    {
        var header = (float*)query;
        header[0] = 2 * step;
        header[1] = 2 * low;
        header[2] = -low * Dimension - step * sum;
        header[3] = bias + QueryConstant;
        header[4] = norm;
    }

    public override float Deviation(byte* query, float* terms) => Weight * SignSine * terms[0] * ((float*)query)[4];

    public override void Score(byte* query, byte** rows, float** terms, int count, float* distances)
    {
        var header = (float*)query;
        float perProduct = header[0],
            perOne = header[1],
            constant = header[2],
            bias = header[3],
            weight = -Weight;
        const int Batch = 64;
        var products = stackalloc int[Batch];
        var ones = stackalloc int[Batch];
        for (var start = 0; start < count; start += Batch)
        {
            var n = Math.Min(Batch, count - start);
            BinaryKernels.Dot((ulong*)(query + HeaderBytes), rows + start, n, _words, products, ones);
            for (var i = 0; i < n; i++)
            {
                var term = terms[start + i];
                distances[start + i] = bias + term[1] + weight * term[0] * (perProduct * products[i] + perOne * ones[i] + constant);
            }
        }
    }
}
