using SearchEngine.Storage;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>
    /// Copies the collection as it is now into a folder that does not exist yet. Searches and writes go on: a checkpoint is taken and its
    /// files, which are never written again, are copied with the part of the write log behind it; checkpoints and compaction wait. Open
    /// the folder read-only, or put it back with <see cref="SearchDatabase.RestoreCollectionAsync"/>. Everything acknowledged before the
    /// call is in it, and whole batches of what was written meanwhile.
    /// </summary>
    /// <param name="directory">The snapshot's folder.</param>
    /// <param name="progress">Told what is copied next.</param>
    /// <param name="cancellationToken">Ends the copy and removes it.</param>
    /// <exception cref="SearchDatabaseException">The disk refused, or a file is damaged; what was copied is removed. A killed process leaves a folder without a schema file, which is no snapshot.</exception>
    /// <exception cref="ArgumentException">The folder exists.</exception>
    public async Task CreateSnapshotAsync(string directory, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ThrowIfNotWritable();
        var target = Path.GetFullPath(directory);
        ThrowIfThere(target);
        await GuardAsync(async () =>
        {
            await _checkpointGate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                progress?.Report("checkpoint");
                var checkpoint = await CheckpointHoldingGateAsync(cancellationToken).ConfigureAwait(false);
                // Another snapshot may have had the gate, and the name, first.
                ThrowIfThere(target);
                await Task.Run(() => CopyTo(new CollectionFiles(target), checkpoint, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _checkpointGate.Release();
            }
        }).ConfigureAwait(false);
    }

    private static void ThrowIfThere(string target)
    {
        if (Directory.Exists(target) || File.Exists(target)) throw new ArgumentException($"The snapshot folder {target} exists already: name a new one.");
    }

    private void CopyTo(CollectionFiles target, ManifestContent checkpoint, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        _options.Files.CreateDirectory(target.Directory);
        try
        {
            CopyParts(target, checkpoint, progress, cancellationToken);
        }
        catch
        {
            try
            {
                _options.Files.DeleteDirectory(target.Directory);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Without a schema it is no snapshot; why there is none matters more.
            }

            throw;
        }
    }

    /// <summary>Copies a checkpoint's files and the log behind it; the schema, which makes it a snapshot, comes last.</summary>
    private void CopyParts(CollectionFiles target, ManifestContent checkpoint, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Report("records");
        _records.CopyCheckpoint(checkpoint.Records, target.Records, cancellationToken);
        progress?.Report("vector indexes");
        _graph.CopyCheckpoint(checkpoint.Graph, target.Graph, cancellationToken);
        if (_lexical is not null)
        {
            progress?.Report("keyword index");
            _options.Files.CreateDirectory(target.Lexical);
            foreach (var file in _lexical.FilesOf(checkpoint.LexicalGeneration))
            {
                cancellationToken.ThrowIfCancellationRequested();
                FolderCopy.CopyFile(Path.Combine(_files.Lexical, file), Path.Combine(target.Lexical, file), _options.Files);
            }

            _options.Files.FlushDirectory(target.Lexical);
        }

        // The images may hold writes behind the checkpoint's address: the log must reach as far as they do.
        progress?.Report("write log");
        _log.Flush();
        _log.CopyTo(checkpoint.Address, target.Log);
        ManifestCodec.Write(target.Directory, checkpoint, _options.Files);
        SchemaFile.Write(target.Schema, Schema, _options.Files);
    }
}
