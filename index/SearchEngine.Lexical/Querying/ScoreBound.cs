namespace SearchEngine.Lexical.Querying;

/// <summary>
/// The most that a word can give to any document of a segment: the pairs (frequency, length) that no other document of the word beats in
/// both. It holds for every average length and every k1 and b, so that it stays true while the rest of the index changes.
/// </summary>
internal sealed class ScoreBound
{
    // Buckets of eight to the doubling of the length, so that the bound is at most an eighth of a length too generous.
    private const int MantissaShift = 20;
    private const int Buckets = 1 << (31 - MantissaShift);

    private readonly (float Frequency, float Length)[] _best;

    private ScoreBound((float Frequency, float Length)[] best) => _best = best;

    /// <summary>The largest saturated frequency f / (f + base + slope × length), never below that of any document.</summary>
    internal float Saturation(float @base, float slope)
    {
        float most = 0;
        foreach (var (frequency, length) in _best)
            most = Math.Max(most, frequency / (frequency + (@base + slope * length)));
        return most;
    }

    /// <summary>Collects a word's documents.</summary>
    internal sealed class Builder
    {
        private readonly float[] _frequencies = new float[Buckets];

        internal void Add(float frequency, float length)
        {
            ref var most = ref _frequencies[BitConverter.SingleToInt32Bits(length) >> MantissaShift];
            most = Math.Max(most, frequency);
        }

        internal ScoreBound Build()
        {
            var best = new List<(float, float)>();
            float most = 0;
            for (var i = 0; i < _frequencies.Length; i++)
            {
                if (_frequencies[i] <= most)
                    continue;
                most = _frequencies[i];
                best.Add((most, BitConverter.Int32BitsToSingle(i << MantissaShift)));
            }
            return new ScoreBound([.. best]);
        }
    }
}
