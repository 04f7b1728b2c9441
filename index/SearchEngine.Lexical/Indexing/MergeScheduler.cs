using Lucene.Net.Index;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Merges in the background and remembers a failure instead of ending the process: Lucene.NET rethrows on the merge thread.
/// A failed merge loses nothing (the segments stay as they were) and is tried again later.
/// </summary>
internal sealed class MergeScheduler : ConcurrentMergeScheduler
{
    [ThreadStatic]
    private static bool t_isMerging;

    private volatile Exception? _lastError;

    /// <summary>Whether this thread merges.</summary>
    internal static bool IsMerging => t_isMerging;

    internal Exception? LastError => _lastError;

    /// <summary>Runs a part of a merge.</summary>
    internal static void Merge(Action run)
    {
        t_isMerging = true;
        try
        {
            run();
        }
        finally
        {
            t_isMerging = false;
        }
    }

    protected override void DoMerge(MergePolicy.OneMerge merge) => Merge(() => base.DoMerge(merge));

    protected override void HandleMergeException(Exception exc)
    {
        _lastError = exc;
        // As the base does, so that a lasting failure does not spin.
        Thread.Sleep(250);
    }

    // The writer's configuration clones its scheduler.
    public override object Clone() => this;
}
