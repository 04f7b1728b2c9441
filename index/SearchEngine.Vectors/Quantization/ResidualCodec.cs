using System.Buffers.Binary;
using SearchEngine.Vectors.Distance;

namespace SearchEngine.Vectors.Quantization;

/// <summary>
/// What the few-bit codes share (RaBitQ, Gao and Long 2024, and its multi-bit form, Gao et al. 2025): vectors are rotated and the centroid
/// c of
/// a sample is taken off, so that only the residual r is quantized. With a code vector x̄ of r the inner product with a query residual is
/// estimated as ⟨q, x̄⟩ · |r|² / ⟨x̄, r⟩, which is unbiased over rotations. Terms of a row: the factor |r|² / ⟨x̄, r⟩ and a bias, such that
/// distance = bias(q) + bias(x) - weight · factor(x) · ⟨q, x̄⟩: under cosine (unit vectors) and Euclidean distance the bias is |r|²/2 or
/// |r|², under dot product -⟨c, r⟩.
/// </summary>
internal abstract unsafe class ResidualCodec : VectorCodec
{
    protected const int HeaderBytes = 64;
    private readonly RandomRotation _rotation;
    private readonly float[] _centroid;
    private float _centroidNorm2;

    protected ResidualCodec(int dimension, DistanceMetric metric, int seed)
        : base(dimension, metric)
    {
        _rotation = new RandomRotation(dimension, seed);
        _centroid = new float[dimension];
    }

    public override bool HasTerms => true;

    public override bool CanTrain => true;

    /// <summary>2 for squared Euclidean distance, 1 otherwise.</summary>
    protected float Weight => Metric == DistanceMetric.Euclidean ? 2 : 1;

    /// <summary>Takes the mean of prepared vectors as centroid.</summary>
    public override void Train(ReadOnlySpan<float> mean)
    {
        mean.CopyTo(_centroid);
        fixed (float* c = _centroid)
        {
            _rotation.Apply(c);
            _centroidNorm2 = FloatKernels.Dot(c, c, Dimension);
        }
    }

    public override byte[] SaveParameters()
    {
        var bytes = new byte[4 * Dimension];
        for (var i = 0; i < Dimension; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), _centroid[i]);
        return bytes;
    }

    public override void LoadParameters(byte[] parameters)
    {
        if (parameters.Length != 4 * Dimension)
            throw new VectorIndexException("The stored quantizer parameters do not have the length of the dimension.", IndexHeader.Slot);
        for (var i = 0; i < Dimension; i++)
            _centroid[i] = BinaryPrimitives.ReadSingleLittleEndian(parameters.AsSpan(4 * i));
        fixed (float* c = _centroid)
            _centroidNorm2 = FloatKernels.Dot(c, c, Dimension);
    }

    /// <summary>Rotates, takes the centroid off and returns the bias of the vector (without the constant |c|² of dot products).</summary>
    protected float Residual(float* vector, float* work, out float norm2)
    {
        var n = Dimension;
        Buffer.MemoryCopy(vector, work, n * sizeof(float), n * sizeof(float));
        _rotation.Apply(work);
        fixed (float* c = _centroid)
        {
            var along = Metric == DistanceMetric.DotProduct ? FloatKernels.Dot(work, c, n) - _centroidNorm2 : 0;
            for (var i = 0; i < n; i++)
                work[i] -= c[i];
            norm2 = FloatKernels.Dot(work, work, n);
            return Metric switch
            {
                DistanceMetric.Cosine => norm2 / 2,
                DistanceMetric.DotProduct => -along,
                _ => norm2,
            };
        }
    }

    /// <summary>The share of a vector's squared length that the centroid does not explain: what the code has to carry.</summary>
    public override float Spread(float* vector, float* work)
    {
        Residual(vector, work, out var norm2);
        var all = FloatKernels.Dot(vector, vector, Dimension);
        return all > 0 ? norm2 / all : 1;
    }

    public override void Decode(byte* row, float* terms, float* vector)
    {
        Levels(row, vector);
        for (var i = 0; i < Dimension; i++)
            vector[i] = vector[i] * terms[0] + _centroid[i];
        _rotation.ApplyInverse(vector);
    }

    /// <summary>Writes the components of the code vector x̄.</summary>
    protected abstract void Levels(byte* row, float* levels);

    /// <summary>The constant that dot-product distances carry.</summary>
    protected float QueryConstant => Metric == DistanceMetric.DotProduct ? -_centroidNorm2 : 0;
}
