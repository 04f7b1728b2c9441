using SearchEngine.Vectors.Distance;

namespace SearchEngine.Vectors.Quantization;

/// <summary>
/// How vectors become codes and how codes are compared. A row of codes is <see cref="RowBytes"/> long (a multiple of 64) and may have two
/// correction terms (floats) in a table of their own. Distances here are internal ones, comparable with each other: 1 - cos, -dot or the
/// squared Euclidean distance. Vectors arrive prepared: of length 1 under cosine. Thread-safe after construction.
/// </summary>
internal abstract unsafe class VectorCodec(int dimension, DistanceMetric metric)
{
    private const float LargestSquare = 1e36f;
    private const float LeastQuerySquare = 1e-20f;

    public static VectorCodec Create(VectorIndexOptions options) =>
        options.Quantization switch
        {
            VectorQuantization.None => new Float32Codec(options.Dimension, options.Metric),
            VectorQuantization.Int8 => new Int8Codec(options.Dimension, options.Metric, options.Seed),
            VectorQuantization.Float16 => new Float16Codec(options.Dimension, options.Metric),
            VectorQuantization.Int4 => new Int4Codec(options.Dimension, options.Metric, options.Seed),
            _ => new BinaryCodec(options.Dimension, options.Metric, options.Seed),
        };

    public int Dimension { get; } = dimension;

    public DistanceMetric Metric { get; } = metric;

    /// <summary>Bytes per code row, a multiple of 64.</summary>
    public abstract int RowBytes { get; }

    /// <summary>Whether each row has the two floats of correction terms.</summary>
    public abstract bool HasTerms { get; }

    /// <summary>Bytes of a prepared query.</summary>
    public abstract int QueryBytes { get; }

    /// <summary>Whether codes are the vectors themselves, so that re-ranking adds nothing.</summary>
    public virtual bool IsExact => false;

    /// <summary>Whether the error of an estimate is so small that few candidates lie within it: 8 bits and more.</summary>
    public virtual bool IsFine => false;

    /// <summary>
    /// Most candidates to re-rank for k results of a beam of ef when the caller does not say; those that <see cref="Deviation"/> rules out
    /// are skipped.
    /// </summary>
    public virtual int RerankFor(int k, int ef) => ef;

    /// <summary>
    /// Whether codes and estimates hold for a prepared vector: squares and products of what is longer than 1e18 would leave the range of
    /// floats.
    /// An index that was given another compares all its vectors in full precision.
    /// </summary>
    public virtual bool Fits(float* vector) =>
        Metric == DistanceMetric.Cosine || FloatKernels.Dot(vector, vector, Dimension) < LargestSquare;

    /// <summary>
    /// Whether estimates hold for a prepared query: as <see cref="Fits"/>, and its products with others must not get lost below floats
    /// either.
    /// </summary>
    public bool FitsQuery(float* vector) =>
        Metric == DistanceMetric.Cosine || FloatKernels.Dot(vector, vector, Dimension) is > LeastQuerySquare and < LargestSquare;

    /// <summary>Whether codes are relative to something fitted to the data by <see cref="Train"/>.</summary>
    public virtual bool CanTrain => false;

    /// <summary>Fits to the mean of prepared vectors. Call before use.</summary>
    public virtual void Train(ReadOnlySpan<float> mean) { }

    /// <summary>The share of a vector's squared length that the fit does not explain.</summary>
    public virtual float Spread(float* vector, float* work) => 1;

    /// <summary>The prepared vector that a code stands for, about.</summary>
    public abstract void Decode(byte* row, float* terms, float* vector);

    /// <summary>
    /// The standard deviation of the internal distance's error for a row, for a query made by <see cref="PrepareQuery"/>.
    /// </summary>
    public abstract float Deviation(byte* query, float* terms);

    /// <summary>Encodes a prepared vector. <paramref name="work"/> is dimension floats of scratch.</summary>
    public abstract void Encode(float* vector, float* work, byte* row, float* terms);

    /// <summary>Makes a query of a prepared vector.</summary>
    public abstract void PrepareQuery(float* vector, float* work, byte* query);

    /// <summary>Makes a query of a stored code, so that codes are compared with codes.</summary>
    public abstract void PrepareFromCode(byte* row, float* terms, byte* query);

    /// <summary>
    /// Internal distances of the query from <paramref name="count"/> rows; <paramref name="terms"/> is null without terms.
    /// </summary>
    public abstract void Score(byte* query, byte** rows, float** terms, int count, float* distances);

    /// <summary>What was fitted to the data, to be stored in the header; empty when nothing was.</summary>
    public virtual byte[] SaveParameters() => [];

    /// <summary>Takes over what <see cref="SaveParameters"/> gave. Call before use.</summary>
    public virtual void LoadParameters(byte[] parameters)
    {
        if (parameters.Length != 0)
        {
            throw new VectorIndexException(
                "The stored index has quantizer parameters that this quantizer does not know.",
                IndexHeader.Slot
            );
        }
    }

    /// <summary>The metric's distance for an internal one.</summary>
    public float ToMetric(float internalDistance) =>
        Metric == DistanceMetric.Euclidean ? MathF.Sqrt(MathF.Max(0, internalDistance)) : internalDistance;

    protected static int RoundUp(int bytes) => (bytes + 63) & ~63;
}
