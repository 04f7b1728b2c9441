using Lucene.Net.Index;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Merges in the background and remembers a failure instead of ending the process: Lucene.NET rethrows on the merge thread.
/// A failed merge loses nothing (the segments stay as they were) and is tried again later.
/// </summary>
internal sealed class MergeScheduler : ConcurrentMergeScheduler
{
    private volatile Exception? _lastError;

    internal Exception? LastError => _lastError;

    protected override void HandleMergeException(Exception exc)
    {
        _lastError = exc;
        // As the base does, so that a lasting failure does not spin.
        Thread.Sleep(250);
    }

    // The writer's configuration clones its scheduler.
    public override object Clone() => this;
}
