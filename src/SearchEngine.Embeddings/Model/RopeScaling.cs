namespace SearchEngine.Embeddings;

/// <summary>How rotary frequencies are changed for contexts longer than those of pre-training.</summary>
internal enum RopeScalingKind
{
    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>Llama 3.1: low frequencies divided by the factor, high ones kept, a smooth passage between.</summary>
    Llama3,
}

/// <summary>The <c>rope_scaling</c> object of a config.json.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="Factor">By how much low frequencies shrink.</param>
/// <param name="LowFrequencyFactor">Llama 3 only.</param>
/// <param name="HighFrequencyFactor">Llama 3 only.</param>
/// <param name="OriginalMaxPositions">The context length of pre-training, in tokens; Llama 3 only.</param>
internal sealed record RopeScaling(
    RopeScalingKind Kind, double Factor, double LowFrequencyFactor = 1, double HighFrequencyFactor = 4, int OriginalMaxPositions = 8192)
{
    /// <summary>Angle per position of each pair of a head: <paramref name="theta"/>^(-2j/d), scaled.</summary>
    /// <param name="theta">The base of the frequencies.</param>
    /// <param name="headDim">Elements per head, even.</param>
    /// <param name="scaling">The scaling, or null for none.</param>
    /// <returns>d/2 frequencies in radians per position.</returns>
    public static double[] InverseFrequencies(double theta, int headDim, RopeScaling? scaling)
    {
        double[] frequencies = new double[headDim / 2];
        for (int j = 0; j < frequencies.Length; j++)
        {
            double frequency = Math.Pow(theta, -2.0 * j / headDim);
            frequencies[j] = scaling?.Apply(frequency) ?? frequency;
        }
        return frequencies;
    }

    private double Apply(double frequency)
    {
        if (Kind == RopeScalingKind.Linear)
            return frequency / Factor;
        double wavelength = 2 * Math.PI / frequency;
        if (wavelength > OriginalMaxPositions / LowFrequencyFactor)
            return frequency / Factor;
        if (wavelength < OriginalMaxPositions / HighFrequencyFactor)
            return frequency;
        double smooth = (OriginalMaxPositions / wavelength - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return (1 - smooth) * frequency / Factor + smooth * frequency;
    }
}
