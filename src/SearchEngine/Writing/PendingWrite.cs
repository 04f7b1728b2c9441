using SearchEngine.Sharding;

namespace SearchEngine.Writing;

/// <summary>A batch on its way through the write loop. One without operations asks the loop to look at what readers held up.</summary>
internal sealed class PendingWrite(IReadOnlyList<PreparedOperation> operations, WriteStamp? stamp = null)
{
    public IReadOnlyList<PreparedOperation> Operations { get; } = operations;

    /// <summary>Version and metadata that come from outside; null for the collection's own version.</summary>
    public WriteStamp? Stamp => stamp;

    public TaskCompletionSource<WriteResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it comes to; told when the group that it is carried out in can be seen.</summary>
    public WriteResult? Result { get; set; }

    /// <summary>Why it is not carried out; told likewise.</summary>
    public SearchDatabaseException? Failure { get; set; }
}
