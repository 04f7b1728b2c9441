using System.Collections.Concurrent;

namespace SearchEngine.Distributed.Routing.Serving;

/// <summary>Things that are held open under a number, and closed when they were not asked for for too long. Thread-safe.</summary>
internal sealed class IdleTable<T> : IAsyncDisposable
    where T : class, IAsyncDisposable
{
    /// <summary>A reader that does something with every page needs less.</summary>
    private static readonly TimeSpan MostIdle = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<long, Held> _held = new();

    /// <summary>Holds a thing open; the number is not guessed, nor another replica's.</summary>
    public async Task<long> AddAsync(T thing)
    {
        await CloseIdleAsync().ConfigureAwait(false);
        while (true)
        {
            var number = BitConverter.ToInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(sizeof(long)));
            if (_held.TryAdd(number, new Held(thing)))
                return number;
        }
    }

    /// <summary>The thing of a number; null where it is not open.</summary>
    public T? Find(long number)
    {
        if (!_held.TryGetValue(number, out var held))
            return null;
        held.Used = Environment.TickCount64;
        return held.Thing;
    }

    public async ValueTask RemoveAsync(long number)
    {
        if (_held.TryRemove(number, out var held))
            await held.Thing.DisposeAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var number in _held.Keys)
            await RemoveAsync(number).ConfigureAwait(false);
    }

    private async Task CloseIdleAsync()
    {
        var oldest = Environment.TickCount64 - (long)MostIdle.TotalMilliseconds;
        foreach (var (number, held) in _held)
        {
            if (held.Used < oldest)
                await RemoveAsync(number).ConfigureAwait(false);
        }
    }

    private sealed class Held(T thing)
    {
        private long _used = Environment.TickCount64;

        public T Thing => thing;

        public long Used
        {
            get => Volatile.Read(ref _used);
            set => Volatile.Write(ref _used, value);
        }
    }
}
