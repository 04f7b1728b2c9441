namespace SearchEngine.Distributed.Log;

/// <summary>Entries on their way into the log, that go together.</summary>
internal sealed class PendingAppend(IReadOnlyList<LogAppend> entries, long bytes)
{
    public IReadOnlyList<LogAppend> Entries { get; } = entries;

    public long Bytes { get; } = bytes;

    public TaskCompletionSource<IReadOnlyList<long>> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
