using SearchEngine.Storage;

namespace SearchEngine.Maintenance;

/// <summary>
/// Copies a collection into a folder while it is used: a checkpoint's files, which are never written again, and the part of the write log
/// behind it. Checkpoints and compaction wait. Thread-safe.
/// </summary>
internal sealed class SnapshotWriter(
    CollectionSchema schema,
    CollectionFiles files,
    CollectionViews views,
    Checkpointer checkpointer,
    StorageDisk disk
)
{
    /// <summary>Writes a snapshot into a folder that does not exist.</summary>
    /// <exception cref="ArgumentException">The folder exists.</exception>
    public Task WriteAsync(string target, IProgress<string>? progress, CancellationToken cancellationToken) =>
        checkpointer.HoldingGateAsync(
            async () =>
            {
                progress?.Report("checkpoint");
                var checkpoint = await checkpointer.WriteHoldingGateAsync(cancellationToken).ConfigureAwait(false);
                // Another snapshot may have had the gate, and the name, first.
                ThrowIfThere(target);
                await Task.Run(() => Copy(new CollectionFiles(target), checkpoint, progress, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
                return true;
            },
            cancellationToken
        );

    /// <exception cref="ArgumentException">The folder, or a file of its name, exists.</exception>
    public static void ThrowIfThere(string target)
    {
        if (Directory.Exists(target) || File.Exists(target))
            throw new ArgumentException($"The snapshot folder {target} exists already: name a new one.");
    }

    private void Copy(CollectionFiles target, ManifestContent checkpoint, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        disk.CreateDirectory(target.Directory);
        try
        {
            CopyParts(target, checkpoint, progress, cancellationToken);
        }
        catch
        {
            try
            {
                disk.DeleteDirectory(target.Directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Without a schema it is no snapshot; why there is none matters more.
            }

            throw;
        }
    }

    /// <summary>Copies a checkpoint's files and the log behind it; the schema, which makes it a snapshot, comes last.</summary>
    private void CopyParts(
        CollectionFiles target,
        ManifestContent checkpoint,
        IProgress<string>? progress,
        CancellationToken cancellationToken
    )
    {
        progress?.Report("records");
        views.Records.CopyCheckpoint(checkpoint.Records, target.Records, cancellationToken);
        progress?.Report("vector indexes");
        views.Graph.CopyCheckpoint(checkpoint.Graph, target.Graph, cancellationToken);
        if (views.Lexical is not null)
        {
            progress?.Report("keyword index");
            disk.CreateDirectory(target.Lexical);
            foreach (var file in views.Lexical.FilesOf(checkpoint.LexicalGeneration))
            {
                cancellationToken.ThrowIfCancellationRequested();
                FolderCopy.CopyFile(Path.Combine(files.Lexical, file), Path.Combine(target.Lexical, file), disk);
            }

            disk.FlushDirectory(target.Lexical);
        }

        // The images may hold writes behind the checkpoint's address: the log must reach as far as they do.
        progress?.Report("write log");
        views.Log.Flush();
        views.Log.CopyTo(checkpoint.Address, target.Log);
        ManifestCodec.Write(target.Directory, checkpoint with { Views = target.Views }, disk);
        SchemaFile.Write(target.Schema, schema, disk);
    }
}
