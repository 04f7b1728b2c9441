using System.Text.Json.Serialization;

namespace SearchEngine.Training;

/// <summary>How the learning rate falls after the warm-up.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LearningRateDecay>))]
public enum LearningRateDecay
{
    /// <summary>Straight to zero at the last step.</summary>
    Linear,

    /// <summary>Half a cosine to zero at the last step.</summary>
    Cosine,

    /// <summary>Not at all.</summary>
    Constant,
}

/// <summary>
/// The factor on the peak learning rate: rises linearly over the warm-up steps, then decays. Immutable and thread-safe.
/// </summary>
/// <param name="Steps">Optimizer steps of the whole run, at least 1.</param>
/// <param name="WarmupSteps">Steps of the rise, 0 for none.</param>
/// <param name="Decay">The shape after the rise.</param>
internal sealed record LearningRateSchedule(long Steps, long WarmupSteps, LearningRateDecay Decay)
{
    /// <summary>
    /// The factor of a step counted from 0. The first step of a warm-up of n has 1/n, so that no step is lost on a rate of zero.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The step is negative.</exception>
    public double Factor(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < WarmupSteps)
            return (step + 1.0) / WarmupSteps;
        return FactorAt(Math.Clamp((step - WarmupSteps) / (double)Math.Max(1, Steps - WarmupSteps), 0, 1));
    }

    /// <summary>The factor at a share of the decay that has passed, 0..1.</summary>
    internal double FactorAt(double progress) =>
        Decay switch
        {
            LearningRateDecay.Linear => 1 - progress,
            LearningRateDecay.Cosine => 0.5 * (1 + Math.Cos(Math.PI * progress)),
            _ => 1,
        };
}
