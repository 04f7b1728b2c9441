namespace SearchEngine;

/// <summary>What a <see cref="NumericBoost"/> makes of a number x; p is its pivot.</summary>
public enum NumericFunction
{
    /// <summary><c>x / (x + p)</c>: ½ at the pivot, towards 1 behind it.</summary>
    Saturation,

    /// <summary><c>ln(1 + x) / ln(1 + p)</c>: 1 at the pivot, and more, ever more slowly, behind it.</summary>
    Log1p,

    /// <summary><c>x / p</c> up to the pivot, 1 from there on.</summary>
    Linear,
}
