using Lucene.Net.Index;

namespace SearchEngine.Lexical.Indexing;

/// <summary>
/// Keeps the last N commits so that an older one can still be opened. Opening an older commit deletes the newer ones
/// first: they belong to a history that is being abandoned and must not count among the kept.
/// </summary>
internal sealed class CommitKeeper(int keep, long? openedGeneration) : IndexDeletionPolicy
{
    private readonly Lock _lock = new();
    private List<IndexCommit> _commits = [];

    /// <summary>Generations that can be opened, oldest first.</summary>
    internal IReadOnlyList<long> Generations
    {
        get
        {
            lock (_lock)
                return [.. _commits.Select(c => c.Generation)];
        }
    }

    internal IReadOnlyCollection<string>? FilesOf(long generation)
    {
        lock (_lock)
            return _commits.Find(c => c.Generation == generation) is { } commit ? [.. commit.FileNames] : null;
    }

    public override void OnInit<T>(IList<T> commits)
    {
        if (openedGeneration is long opened)
        {
            foreach (var commit in commits)
            {
                if (commit.Generation > opened)
                    commit.Delete();
            }
        }
        Keep(commits);
    }

    public override void OnCommit<T>(IList<T> commits) => Keep(commits);

    // The writer's configuration clones its policy; the state here must stay the one that the index asks.
    public override object Clone() => this;

    private void Keep<T>(IList<T> commits)
        where T : IndexCommit
    {
        List<IndexCommit> live = [.. commits.Where(c => !c.IsDeleted).OrderBy(c => c.Generation)];
        for (var i = 0; i < live.Count - keep; i++)
            live[i].Delete();
        lock (_lock)
            _commits = [.. live.Where(c => !c.IsDeleted)];
    }
}
