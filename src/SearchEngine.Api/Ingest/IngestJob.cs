using SearchEngine.Api.Contracts;
using SearchEngine.Ingestion;

namespace SearchEngine.Api.Ingest;

/// <summary>A job of ingestion. Thread-safe.</summary>
/// <param name="id">Its name.</param>
/// <param name="collection">Where to.</param>
/// <param name="folder">The folder that is read; paths are told relative to it.</param>
/// <param name="options">How.</param>
/// <param name="isUpload">Whether the folder is the job's own and goes with it.</param>
internal sealed class IngestJob(string id, string collection, string folder, IngestionOptions options, bool isUpload)
    : IProgress<IngestionProgress>
{
    private readonly Lock _changing = new();
    private TaskCompletionSource _changed = NewSignal();
    private JobReply _state = new(id, collection, JobState.Waiting, 0, 0, 0, 0, 0, null, null);

    public string Id { get; } = id;

    public string Collection { get; } = collection;

    public string Folder { get; } = folder;

    public IngestionOptions Options { get; } = options;

    public bool IsUpload { get; } = isUpload;

    public CancellationTokenSource Cancellation { get; } = new();

    public bool IsOver => State.State is JobState.Done or JobState.Failed or JobState.Cancelled;

    public JobReply State
    {
        get
        {
            lock (_changing)
                return _state;
        }
    }

    public void Report(IngestionProgress value) =>
        Change(state =>
            state with
            {
                Files = value.Files,
                TotalFiles = value.TotalFiles,
                Chunks = value.Chunks,
                Bytes = value.Bytes,
                TotalBytes = value.TotalBytes,
                SecondsLeft = value.Remaining?.TotalSeconds,
                CurrentFile = value.CurrentPath is { } path ? Path.GetRelativePath(Folder, path).Replace('\\', '/') : null,
            }
        );

    public void Change(Func<JobReply, JobReply> change)
    {
        TaskCompletionSource changed;
        lock (_changing)
        {
            _state = change(_state);
            changed = _changed;
            _changed = NewSignal();
        }

        changed.TrySetResult();
    }

    /// <summary>The state, and each later one, to the last; what comes faster than it is read is told once.</summary>
    public async IAsyncEnumerable<JobReply> WatchAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (true)
        {
            Task changed;
            JobReply state;
            lock (_changing)
            {
                changed = _changed.Task;
                state = _state;
            }

            yield return state;
            if (state.State is JobState.Done or JobState.Failed or JobState.Cancelled)
                yield break;
            await changed.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
