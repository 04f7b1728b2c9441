namespace SearchEngine;

/// <summary>How what a <see cref="RecencyBoost"/> adds falls with the time t beyond its offset; h is the half-life.</summary>
public enum DecayFunction
{
    /// <summary><c>2^(−t/h)</c>: quickly at first, never to nothing.</summary>
    Exponential,

    /// <summary><c>2^(−(t/h)²)</c>: slowly at first, then quickly.</summary>
    Gauss,

    /// <summary><c>1 − t/2h</c>, and nothing from two half-lives on.</summary>
    Linear,
}
