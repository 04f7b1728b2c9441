namespace SearchEngine.Storage.Tests;

/// <summary>
/// Operation number n of a thread is a function of the seed alone, so that whoever knows how many were acknowledged knows the state.
/// </summary>
internal static class RandomOperations
{
    public const int Threads = 3;
    public const int KeysPerThread = 150;

    public static (int Key, byte[]? Value) Create(int seed, int round, int thread, long number)
    {
        var random = new Random(HashCode(seed, round, thread, number));
        var key = random.Next(KeysPerThread) * Threads + thread;
        if (random.Next(8) == 0)
            return (key, null);
        var length = random.Next(100) switch
        {
            0 => random.Next(20_000, 60_000),
            < 20 => random.Next(2000, 6000),
            _ => random.Next(0, 1500),
        };
        var value = new byte[length];
        random.NextBytes(value);
        return (key, value);
    }

    private static int HashCode(int seed, int round, int thread, long number)
    {
        var hash = (ulong)(uint)seed;
        foreach (var part in (ReadOnlySpan<ulong>)[(ulong)(uint)round, (ulong)(uint)thread, (ulong)number])
            hash = (hash ^ part) * 0x9E3779B97F4A7C15 + (hash >> 29);
        return (int)(hash >> 32);
    }
}
