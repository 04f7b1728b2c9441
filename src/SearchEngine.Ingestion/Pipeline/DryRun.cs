namespace SearchEngine.Ingestion;

/// <summary>Says what an ingestion would do with files, and changes nothing: each is hashed, none is read or embedded.</summary>
internal sealed class DryRun(FileInspector inspector, IngestionTally tally, Action<string, string> fail)
{
    internal void Run(IEnumerable<(FoundFile File, IDocumentReader Reader)> files, CancellationToken cancellationToken)
    {
        foreach (var (file, reader) in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var decision = inspector.Inspect(
                    file,
                    reader,
                    seeksCopies: true,
                    read => tally.LookedAt(file.Path, read),
                    cancellationToken
                );
                if (decision.Job is not { } job)
                {
                    tally.Skipped(file.Path, file.Length);
                }
                else if (decision.CopyOf is not null)
                {
                    tally.Copied(file.Path, file.Length);
                }
                else
                {
                    tally.Written(new FilePart(job, 0, [], 0, IsLast: true, file.Length));
                }
            }
            catch (Exception e) when (ReaderFaults.IsOfFile(e))
            {
                fail(file.Path, ReaderFaults.Describe(e, reader));
                tally.Settled(file.Path, file.Length);
            }
        }
    }
}
