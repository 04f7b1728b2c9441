namespace SearchEngine.Lexical.Querying;

/// <summary>
/// What a clause gives to a document: value × f / (f + k1 (1 - b + b length / average)), rounded to a multiple of the search's quantum.
/// Sums of such parts are exact in double precision as long as they stay below 2^52 quanta, so that a score does not depend on the
/// order in which its parts are added: a search that skips what cannot win gives the very scores of one that skips nothing.
/// </summary>
internal readonly struct Saturation
{
    private readonly float[] _lengths;
    private readonly float _value;
    private readonly float _base;
    private readonly float _slope;
    private readonly double _quantum;
    private readonly double _rounder;

    /// <param name="lengths">Length of each document of the segment.</param>
    /// <param name="value">The clause's value, idf × (k1 + 1) × count.</param>
    /// <param name="base">k1 (1 - b).</param>
    /// <param name="slope">k1 b / average length.</param>
    /// <param name="rounder">A power of two that no score reaches.</param>
    internal Saturation(float[] lengths, float value, float @base, float slope, double rounder)
    {
        _lengths = lengths;
        _value = value;
        _base = @base;
        _slope = slope;
        _rounder = rounder;
        _quantum = Quantum(rounder);
    }

    internal static double Quantum(double rounder) => rounder * Math.ScaleB(1, -52);

    internal double Part(float frequency, int document)
    {
        double part = _value * (frequency / (frequency + (_base + _slope * _lengths[document])));
        // A match never counts nothing, or it would look like none.
        return Math.Max((part + _rounder) - _rounder, _quantum);
    }
}
