using FASTER.core;

namespace SearchEngine.Storage;

/// <summary>
/// FASTER sessions, lent to one operation at a time, and the gate that a checkpoint closes for the moment in which it fixes its end:
/// no operation runs then, so a checkpoint never holds half of one.
/// </summary>
internal sealed class RecordSessions(FasterKV<SpanByte, SpanByte> store) : IDisposable
{
    private readonly RecordFunctions _functions = new();
    private readonly Lock _growLock = new();
    private readonly object _gate = new();
    private Lease[] _leases = [];
    private volatile bool _closed;

    /// <summary>Takes a free session; waits while the gate is closed. Give it back with <see cref="Lease.Dispose"/>.</summary>
    public Lease Rent()
    {
        while (true)
        {
            var lease = FindFree() ?? Create();
            if (!_closed) return lease;
            lease.Dispose();
            lock (_gate)
            {
                while (_closed) Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Lets no operation begin and waits for the running ones.</summary>
    public void CloseGate()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        Lease[] leases;
        lock (_growLock) leases = _leases;
        var spin = new SpinWait();
        foreach (var lease in leases)
        {
            while (lease.IsBusy) spin.SpinOnce();
        }
    }

    public void OpenGate()
    {
        lock (_gate)
        {
            _closed = false;
            Monitor.PulseAll(_gate);
        }
    }

    public void Dispose()
    {
        foreach (var lease in _leases) lease.Session.Dispose();
    }

    private Lease? FindFree()
    {
        var leases = Volatile.Read(ref _leases);
        var start = Environment.CurrentManagedThreadId;
        for (var i = 0; i < leases.Length; i++)
        {
            var lease = leases[(start + i) % leases.Length];
            if (lease.TryEnter()) return lease;
        }

        return null;
    }

    private Lease Create()
    {
        lock (_growLock)
        {
            var lease = new Lease(store.For(_functions).NewSession<RecordFunctions>());
            lease.TryEnter();
            Volatile.Write(ref _leases, [.. _leases, lease]);
            return lease;
        }
    }

    internal sealed class Lease(ClientSession<SpanByte, SpanByte, SpanByte, RecordBuffer, Empty, RecordFunctions> session) : IDisposable
    {
        private int _busy;

        public ClientSession<SpanByte, SpanByte, SpanByte, RecordBuffer, Empty, RecordFunctions> Session { get; } = session;

        public bool IsBusy => Volatile.Read(ref _busy) != 0;

        public bool TryEnter() => Volatile.Read(ref _busy) == 0 && Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

        public void Dispose() => Volatile.Write(ref _busy, 0);
    }
}
