using System.Globalization;

namespace SearchEngine.Embeddings;

/// <summary>How rotary frequencies are changed for contexts longer than those of pre-training.</summary>
internal enum RopeScalingKind
{
    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>Llama 3.1: low frequencies divided by the factor, high ones kept, a smooth passage between.</summary>
    Llama3,

    /// <summary>Like Llama 3.1's with the passage by rotations, and larger scores (Peng et al. 2023, YaRN).</summary>
    Yarn,

    /// <summary>
    /// A larger base for texts longer than those of pre-training; up to these nothing is changed. Longer ones are not supported.
    /// </summary>
    Dynamic,

    /// <summary>
    /// A divisor for each frequency (Ding et al. 2024, LongRoPE); those for texts as long as in pre-training. Longer ones are not
    /// supported.
    /// </summary>
    LongRope,
}

/// <summary>The <c>rope_scaling</c> object of a config.json.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="Factor">By how much low frequencies shrink.</param>
/// <param name="LowFrequencyFactor">Llama 3 only.</param>
/// <param name="HighFrequencyFactor">Llama 3 only.</param>
/// <param name="OriginalMaxPositions">The context length of pre-training, in tokens; not for linear.</param>
internal sealed record RopeScaling(
    RopeScalingKind Kind,
    double Factor,
    double LowFrequencyFactor = 1,
    double HighFrequencyFactor = 4,
    int OriginalMaxPositions = 8192
)
{
    /// <summary>Rotations in the original context from which on a frequency is kept (YaRN's beta_fast).</summary>
    public double FastRotations { get; init; } = 32;

    /// <summary>Rotations below which a frequency is divided by the factor (YaRN's beta_slow).</summary>
    public double SlowRotations { get; init; } = 1;

    /// <summary>Whether the ends of the passage are whole numbers (YaRN's truncate).</summary>
    public bool WholeEnds { get; init; } = true;

    /// <summary>Divisors of the frequencies; LongRoPE only.</summary>
    public IReadOnlyList<double> Divisors { get; init; } = [];

    /// <summary>Queries and keys are multiplied by this where they are turned.</summary>
    public double AttentionFactor { get; init; } = 1;

    /// <summary>True if texts longer than <see cref="OriginalMaxPositions"/> cannot be computed.</summary>
    public bool EndsAtOriginal => Kind is RopeScalingKind.Dynamic or RopeScalingKind.LongRope;

    /// <summary>Angle per position of each pair of a head: <paramref name="theta"/>^(-2j/d), scaled.</summary>
    /// <param name="theta">The base of the frequencies.</param>
    /// <param name="headDim">Elements per head, even.</param>
    /// <param name="scaling">The scaling, or null for none.</param>
    /// <returns>d/2 frequencies in radians per position.</returns>
    public static double[] InverseFrequencies(double theta, int headDim, RopeScaling? scaling)
    {
        var frequencies = new double[headDim / 2];
        for (var j = 0; j < frequencies.Length; j++)
        {
            var frequency = Math.Pow(theta, -2.0 * j / headDim);
            frequencies[j] = scaling?.Apply(frequency, j, theta, headDim) ?? frequency;
        }
        return frequencies;
    }

    /// <summary>YaRN's and LongRoPE's own factor on queries and keys for a factor on lengths.</summary>
    public static double YarnAttention(double factor, double weight = 1) => factor <= 1 ? 1 : 0.1 * weight * Math.Log(factor) + 1;

    /// <summary>The fields that vectors depend on.</summary>
    public override string ToString()
    {
        var common = string.Create(
            CultureInfo.CurrentCulture,
            $"RopeScaling {{ Kind = {Kind}, Factor = {Factor}, LowFrequencyFactor = {LowFrequencyFactor}, HighFrequencyFactor = {HighFrequencyFactor}, OriginalMaxPositions = {OriginalMaxPositions}"
        );
        return Kind is RopeScalingKind.Linear or RopeScalingKind.Llama3
            ? common + " }"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{common}, {FastRotations}, {SlowRotations}, {WholeEnds}, {AttentionFactor}, {string.Join(' ', Divisors)} }}"
            );
    }

    private double Apply(double frequency, int index, double theta, int headDim)
    {
        switch (Kind)
        {
            case RopeScalingKind.Linear:
                return frequency / Factor;
            case RopeScalingKind.Dynamic:
                return frequency;
            case RopeScalingKind.LongRope:
                return frequency / Divisors[index];
            case RopeScalingKind.Yarn:
                double low = Index(FastRotations),
                    high = Index(SlowRotations);
                if (WholeEnds)
                    (low, high) = (Math.Floor(low), Math.Ceiling(high));
                (low, high) = (Math.Max(low, 0), Math.Min(high, headDim - 1));
                var ramp = Math.Clamp((index - low) / (high == low ? 0.001 : high - low), 0, 1);
                return frequency / Factor * ramp + frequency * (1 - ramp);
            default:
                var wavelength = 2 * Math.PI / frequency;
                if (wavelength > OriginalMaxPositions / LowFrequencyFactor)
                    return frequency / Factor;
                if (wavelength < OriginalMaxPositions / HighFrequencyFactor)
                    return frequency;
                var smooth = (OriginalMaxPositions / wavelength - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
                return (1 - smooth) * frequency / Factor + smooth * frequency;
        }

        // The pair that turns so many times within the original context.
        double Index(double rotations) => headDim * Math.Log(OriginalMaxPositions / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));
    }
}
