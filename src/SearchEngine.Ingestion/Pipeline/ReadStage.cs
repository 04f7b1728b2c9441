using System.Collections.Concurrent;
using System.Threading.Channels;

namespace SearchEngine.Ingestion;

/// <summary>
/// Looks at files, and reads and cuts those that are new or have changed, several at a time. A file that cannot be read costs no other.
/// </summary>
/// <param name="parts">Reads and cuts a file.</param>
/// <param name="inspector">Says what is to be done with a file.</param>
/// <param name="tally">Told of what is skipped.</param>
/// <param name="fail">Told of files that cannot be read.</param>
/// <param name="warn">Told of what cannot be read in a file.</param>
internal sealed class ReadStage(
    PartReader parts,
    FileInspector inspector,
    IngestionTally tally,
    Action<IngestionIssue> fail,
    Action<IngestionIssue> warn
)
{
    /// <summary>Files that have the content of others, to be stored as their copies.</summary>
    internal ConcurrentQueue<(FoundFile File, IDocumentReader Reader, FileDecision Decision)> Copies { get; } = new();

    /// <summary>Reads files and hands their parts on in order; closes the queue at the end, with what went wrong.</summary>
    internal async Task RunAsync(
        List<(FoundFile File, IDocumentReader Reader)> files,
        int readers,
        bool seeksCopies,
        ChannelWriter<FilePart> output,
        CancellationToken cancellationToken
    )
    {
        Exception? error = null;
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = readers, CancellationToken = cancellationToken };
            // Without buffering, so that files are taken in order and the progress is even.
            var inOrder = Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering);
            await Parallel
                .ForEachAsync(
                    inOrder.GetDynamicPartitions(),
                    options,
                    (entry, cancel) => ReadAsync(entry.File, entry.Reader, seeksCopies, output, cancel)
                )
                .ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            output.Complete(error);
        }
    }

    private async ValueTask ReadAsync(
        FoundFile file,
        IDocumentReader reader,
        bool seeksCopies,
        ChannelWriter<FilePart> output,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var decision = inspector.Inspect(file, reader, seeksCopies, read => tally.LookedAt(file.Path, read), cancellationToken);
            if (decision.Job is not { } job)
            {
                Tell(decision.Unchanged!, file.Path);
                tally.Skipped(file.Path, file.Length);
                return;
            }

            if (decision.CopyOf is not null)
            {
                Copies.Enqueue((file, reader, decision));
                return;
            }

            var read = parts.ReadAsync(job, (message, line) => warn(new IngestionIssue(file.Path, message, line)), cancellationToken);
            await foreach (var part in read.ConfigureAwait(false))
            {
                await output.WriteAsync(part, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (ReaderFaults.IsOfFile(e))
        {
            fail(new IngestionIssue(file.Path, ReaderFaults.Describe(e, reader)));
            tally.Settled(file.Path, file.Length);
        }
    }

    // What is lost of an unchanged file is as lost as it was: it is told again.
    private void Tell(FileState state, string path)
    {
        foreach (var problem in state.Problems ?? [])
        {
            warn(problem with { Path = path });
        }
    }
}
