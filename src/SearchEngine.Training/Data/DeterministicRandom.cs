namespace SearchEngine.Training;

/// <summary>
/// A small random generator (SplitMix64, Steele et al. 2014) whose whole state is one number. Training derives one from (seed, stream,
/// step), so that
/// the data of a step depend on nothing but those and a resumed run draws what the uninterrupted one would have drawn. Not thread-safe.
/// </summary>
internal struct DeterministicRandom(ulong state)
{
    private ulong _state = state;

    /// <summary>The generator of one step of one stream.</summary>
    public static DeterministicRandom For(long seed, int stream, long step) =>
        new(Mix(Mix(Mix((ulong)seed + 0x9E3779B97F4A7C15) + (ulong)(uint)stream) + (ulong)step));

    /// <summary>Uniform over all 64-bit values.</summary>
    public ulong NextUInt64() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, <paramref name="bound"/>); the bias of the multiplication method is below 2^-32.</summary>
    public int Next(int bound) => (int)((NextUInt64() >> 32) * (ulong)bound >> 32);

    /// <summary>Uniform in [low, high].</summary>
    public int Next(int low, int high) => low + Next(high - low + 1);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Shuffles in place (Fisher–Yates).</summary>
    public void Shuffle(Span<int> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
