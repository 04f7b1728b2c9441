using System.Numerics;
using System.Runtime.InteropServices;

namespace SearchEngine.Lexical.Querying;

/// <summary>Scores of a run of documents, side by side: clauses add to them one after another. Used by one search at a time.</summary>
internal sealed class ScoreWindow
{
    /// <summary>Documents in a window: its scores fit into the first-level cache.</summary>
    internal const int Size = 4096;

    private readonly double[] _scores = new double[Size];
    private readonly float[] _frequencies = new float[Size];
    private readonly int[] _touched = new int[Size];
    private readonly ushort[] _required = new ushort[Size];
    private readonly bool[] _excluded = new bool[Size];
    private int _touchedCount;

    /// <summary>The first document.</summary>
    internal int Start { get; private set; }

    internal void Reset(int start, bool hasOperators)
    {
        Start = start;
        Array.Clear(_scores);
        if (!hasOperators)
            return;
        Array.Clear(_required);
        Array.Clear(_excluded);
    }

    internal double this[int document] => _scores[document - Start];

    internal void Add(int document, double part) => _scores[document - Start] += part;

    /// <summary>Adds to the frequency of the clause at hand.</summary>
    internal void Touch(int document, float frequency)
    {
        var at = document - Start;
        if (_frequencies[at] == 0)
            _touched[_touchedCount++] = at;
        _frequencies[at] += frequency;
    }

    /// <summary>Turns the frequencies of the clause at hand into scores.</summary>
    internal void AddTouched(in Saturation saturation)
    {
        foreach (var at in _touched.AsSpan(0, _touchedCount))
        {
            _scores[at] += saturation.Part(_frequencies[at], Start + at);
            _frequencies[at] = 0;
        }
        _touchedCount = 0;
    }

    internal void Require(int document) => _required[document - Start]++;

    internal void Exclude(int document) => _excluded[document - Start] = true;

    internal bool Allows(int document, int required) => _required[document - Start] == required && !_excluded[document - Start];

    /// <summary>
    /// The first document from <paramref name="from"/> on, before <paramref name="end"/>, whose score is at least <paramref name="least"/>,
    /// which is positive; -1 where there is none.
    /// </summary>
    internal int Next(int from, int end, double least)
    {
        var at = from - Start;
        var stop = end - Start;
        var lanes = Vector<double>.Count;
        var wanted = new Vector<double>(least);
        for (; at + lanes <= stop; at += lanes)
        {
            if (Vector.GreaterThanOrEqualAny(MemoryMarshal.Cast<double, Vector<double>>(_scores.AsSpan(at, lanes))[0], wanted))
                break;
        }
        for (; at < stop; at++)
        {
            if (_scores[at] >= least)
                return Start + at;
        }
        return -1;
    }
}
