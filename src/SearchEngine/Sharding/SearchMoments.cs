using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace SearchEngine.Sharding;

/// <summary>
/// The moments of searches between their candidates and their hits. One that was not asked for for a while is forgotten: its search was
/// given up, or answered by another replica. Thread-safe.
/// </summary>
internal sealed class SearchMoments
{
    /// <summary>Far more than lies between two steps of a search, which may wait for a reranker.</summary>
    private static readonly TimeSpan MostIdle = TimeSpan.FromMinutes(1);

    /// <summary>More searches than a machine answers at a time: the oldest are forgotten first.</summary>
    private const int MaxMoments = 10_000;

    private readonly ConcurrentDictionary<long, SearchMoment> _moments = new();

    /// <summary>Keeps a moment; the number that it goes by is no other replica's.</summary>
    public long Keep(SearchMoment moment)
    {
        Forget();
        while (true)
        {
            var number = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
            if (_moments.TryAdd(number, moment))
                return number;
        }
    }

    /// <summary>The moment of a number; null where it is not known.</summary>
    public SearchMoment? Find(long number)
    {
        if (!_moments.TryGetValue(number, out var moment))
            return null;
        moment.Use();
        return moment;
    }

    public void Release(long number)
    {
        if (_moments.TryRemove(number, out var moment))
            moment.Dispose();
    }

    private void Forget()
    {
        var isFull = _moments.Count >= MaxMoments;
        foreach (var (number, moment) in _moments)
        {
            if (moment.Idle > MostIdle)
                Release(number);
        }

        if (isFull && _moments.Count >= MaxMoments)
            Release(_moments.MaxBy(pair => pair.Value.Idle).Key);
    }
}
