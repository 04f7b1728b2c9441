using System.Collections.Concurrent;
using System.Security.Cryptography;
using SearchEngine.Api.Contracts;
using SearchEngine.Api.Requests;
using SearchEngine.Api.Security;
using SearchEngine.Api.Serving;
using SearchEngine.Ingestion;

namespace SearchEngine.Api.Ingest;

/// <summary>
/// The host's jobs of ingestion: one runs, some wait, and those that ended lately are remembered. Thread-safe; they are cancelled when the host is told to stop.
/// </summary>
internal sealed partial class IngestJobs(OpenedDatabase database, DrainState drain, PublicText text, ILogger<IngestJobs> logger)
    : IAsyncDisposable
{
    private const int MaxWaiting = 16;
    private const int MaxRemembered = 100;
    private const int IdBytes = 8;

    private readonly ConcurrentDictionary<string, (IngestJob Job, long Number, Task Run)> _jobs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _number;

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    /// <summary>Begins a job, when its turn comes.</summary>
    /// <exception cref="RequestException">Too many wait.</exception>
    public async Task<IngestJob> BeginAsync(IngestJob job, Caller caller, CancellationToken cancellationToken)
    {
        if (_jobs.Values.Count(entry => !entry.Job.IsOver) > MaxWaiting)
        {
            throw new RequestException(
                StatusCodes.Status429TooManyRequests,
                "Too many requests",
                $"{MaxWaiting} jobs of ingestion wait already; try again when some are done."
            );
        }

        var collection = await database.GetOrMakeForTextsAsync(job.Collection, caller, cancellationToken);
        IngestionSchema.RequireFits(collection.Schema);
        var number = Interlocked.Increment(ref _number);
        _jobs[job.Id] = (job, number, Task.Run(() => RunAsync(job, collection), CancellationToken.None));
        foreach (var old in _jobs.Values.Where(entry => entry.Job.IsOver).OrderByDescending(entry => entry.Number).Skip(MaxRemembered))
            _jobs.TryRemove(old.Job.Id, out _);
        return job;
    }

    public IReadOnlyList<IngestJob> List(Caller caller) =>
        [
            .. _jobs
                .Values.Where(entry => caller.MaySee(entry.Job.Collection))
                .OrderByDescending(entry => entry.Number)
                .Select(entry => entry.Job),
        ];

    /// <exception cref="RequestException">There is none of that name that the caller may see.</exception>
    public IngestJob Find(string id, Caller caller) =>
        _jobs.TryGetValue(id, out var entry) && caller.MaySee(entry.Job.Collection)
            ? entry.Job
            : throw RequestException.NotFound($"There is no job '{id}'.");

    public async ValueTask DisposeAsync()
    {
        foreach (var entry in _jobs.Values)
            await entry.Job.Cancellation.CancelAsync();
        await Task.WhenAll(_jobs.Values.Select(entry => entry.Run));
    }

    private async Task RunAsync(IngestJob job, ISearchCollection collection)
    {
        var token = job.Cancellation.Token;
        await using var ending = drain.Draining.Register(job.Cancellation.Cancel);
        var hasTurn = false;
        try
        {
            await _turn.WaitAsync(token);
            hasTurn = true;
            job.Change(state => state with { State = JobState.Running });
            var report = await new FolderIngestor(collection, job.Options).IngestAsync([job.Folder], job, token);
            job.Change(state => state with { State = JobState.Done, Report = ReportReply.Of(report, job.Folder), CurrentFile = null });
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            job.Change(state => state with { State = JobState.Cancelled, Problem = "Cancelled; what was written is kept." });
        }
        catch (Exception e)
        {
            // The last one who could say it: whoever began the job has their answer already.
            var isCallers = e is ArgumentException or SearchDatabaseException { Error: SearchDatabaseError.NoEmbeddingGenerator };
            if (!isCallers)
                LogFailure(logger, e, job.Id);
            job.Change(state =>
                state with
                {
                    State = JobState.Failed,
                    Problem = isCallers ? text.Of(e.Message) : "The job failed inside the host; its log says why.",
                }
            );
        }
        finally
        {
            if (hasTurn)
                _turn.Release();
            if (job.IsUpload && Directory.Exists(job.Folder))
                Directory.Delete(job.Folder, recursive: true);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {Job} of ingestion failed")]
    private static partial void LogFailure(ILogger logger, Exception exception, string job);
}
