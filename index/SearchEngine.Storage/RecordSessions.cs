using FASTER.core;
using Session = FASTER.core.ClientSession<
    FASTER.core.SpanByte,
    FASTER.core.SpanByte,
    FASTER.core.SpanByte,
    SearchEngine.Storage.RecordBuffer,
    FASTER.core.Empty,
    SearchEngine.Storage.RecordFunctions
>;

namespace SearchEngine.Storage;

/// <summary>
/// FASTER sessions, lent to one operation at a time, and the gate that a checkpoint closes for the moment in which it fixes its end:
/// no operation runs then, so a checkpoint never holds half of one.
/// </summary>
internal sealed class RecordSessions(FasterKV<SpanByte, SpanByte> store, int readsPerSession) : IDisposable
{
    /// <summary>
    /// FASTER counts every completed read from disk in a semaphore that our reads, complete before anybody waits, never take from; it
    /// would be full after 2^31 of them. A session is replaced long before.
    /// </summary>
    public const int DefaultReadsPerSession = 1 << 28;

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
            if (!_closed)
                return lease;
            lease.Dispose();
            lock (_gate)
            {
                while (_closed)
                    Monitor.Wait(_gate);
            }
        }
    }

    /// <summary>Lets no operation begin and waits for the running ones.</summary>
    public void CloseGate()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        Lease[] leases;
        lock (_growLock)
            leases = _leases;
        var spin = new SpinWait();
        foreach (var lease in leases)
        {
            while (lease.IsBusy)
                spin.SpinOnce();
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
        foreach (var lease in _leases)
            lease.Session.Dispose();
    }

    private Lease? FindFree()
    {
        var leases = Volatile.Read(ref _leases);
        var start = Environment.CurrentManagedThreadId;
        for (var i = 0; i < leases.Length; i++)
        {
            var lease = leases[(start + i) % leases.Length];
            if (lease.TryEnter())
                return lease;
        }

        return null;
    }

    private Lease Create()
    {
        lock (_growLock)
        {
            var lease = new Lease(NewSession, readsPerSession);
            lease.TryEnter();
            Volatile.Write(ref _leases, [.. _leases, lease]);
            return lease;
        }
    }

    private Session NewSession() => store.For(_functions).NewSession<RecordFunctions>();

    /// <summary>
    /// A session and whether it is in use. Between <see cref="TryEnter"/> and <see cref="Dispose"/> it belongs to one thread.
    /// </summary>
    internal sealed class Lease(Func<Session> newSession, int readsPerSession) : IDisposable
    {
        private int _busy;
        private int _pendingReads;

        public Session Session { get; private set; } = newSession();

        public bool IsBusy => Volatile.Read(ref _busy) != 0;

        public bool TryEnter() => Volatile.Read(ref _busy) == 0 && Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

        public void CountPendingRead() => _pendingReads++;

        public void Dispose()
        {
            if (_pendingReads >= readsPerSession)
                Renew();
            Volatile.Write(ref _busy, 0);
        }

        private void Renew()
        {
            Session.Dispose();
            Session = newSession();
            _pendingReads = 0;
        }
    }
}
