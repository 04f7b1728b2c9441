using SearchEngine.Moments;

namespace SearchEngine.Sharding;

/// <summary>A moment that a search of this shard is read in, with the search.</summary>
internal sealed class SearchMoment(SearchPlan plan, ReadLease lease) : IDisposable
{
    private long _used = Environment.TickCount64;

    public SearchPlan Plan => plan;

    public ReadLease Lease => lease;

    /// <summary>How long ago it was last asked for.</summary>
    public TimeSpan Idle => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _used));

    public void Use() => Volatile.Write(ref _used, Environment.TickCount64);

    public void Dispose() => lease.Dispose();
}
