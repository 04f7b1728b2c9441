namespace SearchEngine.Embeddings;

/// <summary>
/// Runs tokenised texts of all callers through the encoders: one thread per encoder takes batches of about a budget of tokens. Texts of
/// different callers share a batch; small requests go before large ones, and a large one still gets every fourth batch. Inside a request
/// texts are taken longest first, so that batches hold texts of like length. Thread-safe.
/// </summary>
internal sealed class EmbeddingScheduler : IDisposable
{
    /// <summary>Requests of at most this many tokens are small: their latency matters more than their throughput.</summary>
    private const int SmallRequestTokens = 1024;

    /// <summary>After so many batches of small requests a large one gets its turn.</summary>
    private const int SmallBatchesInARow = 3;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly LinkedList<Request> _small = new();
    private readonly LinkedList<Request> _large = new();
    private readonly Thread[] _threads;
    private readonly IReadOnlyList<TextEncoder> _encoders;
    private readonly int _batchTokens;
    private int _smallBatches;
    private bool _disposed;

    /// <param name="encoders">One for each device; owned from here on.</param>
    /// <param name="batchTokens">About how many tokens make a batch.</param>
    public EmbeddingScheduler(IReadOnlyList<TextEncoder> encoders, int batchTokens)
    {
        _encoders = encoders;
        _batchTokens = batchTokens;
        _threads = [.. encoders.Select(encoder => new Thread(() => Work(encoder)) { IsBackground = true, Name = "embedding" })];
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Computes vectors, not normalised, in the order of the inputs.</summary>
    /// <param name="inputs">Tokenised texts.</param>
    /// <param name="progress">Told the number of texts done so far, on the computing thread; may be null.</param>
    /// <param name="cancellationToken">Texts not yet begun are dropped; the batch being computed is finished.</param>
    public Task<float[][]> EncodeAsync(IReadOnlyList<EncoderInput> inputs, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        if (inputs.Count == 0)
            return Task.FromResult<float[][]>([]);
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<float[][]>(cancellationToken);
        Request request = new(inputs, progress, cancellationToken);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            (request.Tokens <= SmallRequestTokens ? _small : _large).AddLast(request);
        }
        request.RegisterCancellation(() => Remove(request));
        // One call for each encoder that finds a batch; who is called in vain waits again.
        _wake.Release((int)Math.Clamp((request.Tokens + _batchTokens - 1) / _batchTokens, 1, _threads.Length));
        return request.Completion.Task;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }
        _wake.Release(_threads.Length);
        foreach (var thread in _threads)
            thread.Join();
        foreach (var encoder in _encoders)
            encoder.Dispose();
        _wake.Dispose();
    }

    private void Work(TextEncoder encoder)
    {
        List<Item> batch = [];
        while (true)
        {
            _wake.Wait();
            while (true)
            {
                batch.Clear();
                lock (_lock)
                {
                    if (_disposed)
                    {
                        FailAll();
                        return;
                    }
                    Take(batch);
                }
                if (batch.Count == 0)
                    break;
                Run(encoder, batch);
            }
        }
    }

    private static void Run(TextEncoder encoder, List<Item> batch)
    {
        float[][] vectors;
        try
        {
            batch.Sort(static (a, b) => b.Input.Ids.Length.CompareTo(a.Input.Ids.Length));
            vectors = encoder.Encode([.. batch.Select(item => item.Input)]);
        }
        catch (Exception e)
        {
            // Whatever it is, the callers get it; the thread goes on for others.
            foreach (var request in batch.Select(item => item.Request).Distinct())
                request.Fail(e);
            return;
        }
        for (var i = 0; i < batch.Count; i++)
            batch[i].Request.Results[batch[i].Index] = vectors[i];
        foreach (var done in batch.GroupBy(item => item.Request))
            done.Key.Finished(done.Count());
    }

    /// <summary>Takes texts for one batch; called inside the lock.</summary>
    private void Take(List<Item> batch)
    {
        var largesTurn = _large.Count > 0 && (_small.Count == 0 || _smallBatches >= SmallBatchesInARow);
        _smallBatches = largesTurn ? 0 : _smallBatches + 1;
        var queue = largesTurn ? _large : _small;
        var tokens = 0;
        while (queue.First is LinkedListNode<Request> node)
        {
            var request = node.Value;
            while (request.TryPeek(out var item))
            {
                if (tokens > 0 && tokens + item.Input.Ids.Length > _batchTokens)
                    return;
                tokens += item.Input.Ids.Length;
                batch.Add(item);
                request.Advance();
            }
            queue.Remove(node);
        }
    }

    private void Remove(Request request)
    {
        lock (_lock)
        {
            if (!_small.Remove(request))
                _large.Remove(request);
        }
    }

    private void FailAll()
    {
        foreach (var request in _small.Concat(_large))
            request.Fail(new ObjectDisposedException(nameof(Llm2VecEmbeddingGenerator)));
        _small.Clear();
        _large.Clear();
    }

    private readonly record struct Item(Request Request, int Index, EncoderInput Input);

    /// <summary>One caller's texts, longest first.</summary>
    private sealed class Request
    {
        private readonly IReadOnlyList<EncoderInput> _inputs;
        private readonly int[] _order;
        private readonly IProgress<int>? _progress;
        private readonly CancellationToken _cancellationToken;
        private readonly Lock _progressLock = new();
        private CancellationTokenRegistration _registration;
        private int _next;
        private int _done;

        public Request(IReadOnlyList<EncoderInput> inputs, IProgress<int>? progress, CancellationToken cancellationToken)
        {
            _inputs = inputs;
            _progress = progress;
            _cancellationToken = cancellationToken;
            _order = new int[inputs.Count];
            for (var i = 0; i < _order.Length; i++)
            {
                _order[i] = i;
                Tokens += inputs[i].Ids.Length;
            }
            Array.Sort(
                _order,
                (a, b) =>
                    inputs[a].Ids.Length != inputs[b].Ids.Length ? inputs[b].Ids.Length.CompareTo(inputs[a].Ids.Length) : a.CompareTo(b)
            );
            Results = new float[inputs.Count][];
        }

        public long Tokens { get; }

        public float[][] Results { get; }

        public TaskCompletionSource<float[][]> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool TryPeek(out Item item)
        {
            if (_next >= _order.Length)
            {
                item = default;
                return false;
            }
            item = new Item(this, _order[_next], _inputs[_order[_next]]);
            return true;
        }

        public void Advance() => _next++;

        public void RegisterCancellation(Action remove)
        {
            if (!_cancellationToken.CanBeCanceled)
                return;
            _registration = _cancellationToken.Register(() =>
            {
                remove();
                Completion.TrySetCanceled(_cancellationToken);
            });
            if (Completion.Task.IsCompleted)
                _registration.Unregister();
        }

        public void Fail(Exception e)
        {
            _registration.Unregister();
            Completion.TrySetException(e);
        }

        public void Finished(int count)
        {
            lock (_progressLock)
            {
                _done += count;
                try
                {
                    if (_progress is not null && !_cancellationToken.IsCancellationRequested)
                        _progress.Report(_done);
                }
                catch (Exception e)
                {
                    Fail(e); // the caller's own callback: the caller gets it
                }
                if (_done < _inputs.Count)
                    return;
            }
            _registration.Unregister();
            Completion.TrySetResult(Results);
        }
    }
}
