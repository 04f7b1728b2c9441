namespace SearchEngine.Embeddings;

/// <summary>Adds up the progress of parts that are computed side by side; reports never go back. Thread-safe.</summary>
internal sealed class WindowProgress(IProgress<int> inner)
{
    private readonly Lock _lock = new();
    private int _done;

    /// <summary>The progress of one more part, which is told how much of the part is done.</summary>
    public IProgress<int> ForWindow() => new Window(this);

    private void Advance(int count)
    {
        lock (_lock)
        {
            _done += count;
            inner.Report(_done);
        }
    }

    private sealed class Window(WindowProgress total) : IProgress<int>
    {
        private int _last;

        public void Report(int value)
        {
            var more = value - _last;
            _last = value;
            total.Advance(more);
        }
    }
}
