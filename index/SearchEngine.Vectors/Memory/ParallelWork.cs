namespace SearchEngine.Vectors.Memory;

/// <summary>Runs one body on several dedicated threads and brings the first failure to the caller.</summary>
internal static class ParallelWork
{
    public static void Run(int threads, CancellationToken cancellationToken, Action<CancellationToken> body)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? first = null;
        var workers = new Thread[threads];
        for (var t = 0; t < threads; t++)
        {
            workers[t] = new Thread(() =>
            {
                try
                {
                    body(stop.Token);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref first, System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e), null);
                    stop.Cancel();
                }
            })
            {
                IsBackground = true,
                Name = "vector index worker",
            };
            workers[t].Start();
        }
        foreach (var worker in workers)
            worker.Join();
        cancellationToken.ThrowIfCancellationRequested();
        first?.Throw();
    }
}
