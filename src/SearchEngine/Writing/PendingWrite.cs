namespace SearchEngine.Writing;

/// <summary>A batch on its way through the write loop. One without operations asks the loop to look at what readers held up.</summary>
internal sealed class PendingWrite(IReadOnlyList<PreparedOperation> operations)
{
    public IReadOnlyList<PreparedOperation> Operations { get; } = operations;

    public TaskCompletionSource<WriteResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What it comes to, once it was carried out.</summary>
    public WriteResult? Result { get; set; }
}
