using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SearchEngine.Ingestion;

/// <summary>
/// Keeps a collection in step with files: reads new and changed ones, skips unchanged ones, removes the chunks of deleted ones.
/// </summary>
/// <remarks>
/// Files are read, hashed and cut by several threads while one batch is embedded and the one before it is stored; queues are bounded, so
/// that memory does not grow with the input. Batches are stored in the order they were made. A file of at most <see cref="IngestionOptions.BatchChunks"/> chunks is written at once,
/// together with its state: after a crash it is there whole or as before. A larger file is written in several batches and counts as
/// unfinished until the last one; the next ingestion reads it again. Not to be run twice at a time on one collection.
/// </remarks>
public sealed partial class FolderIngestor
{
    private const int MaxReaders = 8;

    /// <summary>Embedded batches that wait to be stored: with the one being stored and the one being embedded, three are in memory.</summary>
    private const int EmbeddedBatches = 1;

    private readonly SearchCollection _collection;
    private readonly IngestionOptions _options;
    private readonly ILogger _logger;
    private readonly Dictionary<string, IDocumentReader> _readers;
    private readonly string? _base;

    /// <summary>Makes an ingestor of a collection.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the collection's schema is not that of <see cref="IngestionSchema.Create"/>.</exception>
    public FolderIngestor(SearchCollection collection, IngestionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(collection);
        _options = options ?? new IngestionOptions();
        _options.Validate();
        IngestionSchema.RequireFits(collection.Schema);
        _collection = collection;
        _logger = _options.Logger ?? NullLogger.Instance;
        _readers = DocumentReaders.ByExtension(_options.Readers);
        _base = _options.BaseDirectory is null ? null : Path.TrimEndingDirectorySeparator(Path.GetFullPath(_options.BaseDirectory)) + Path.DirectorySeparatorChar;
    }

    /// <summary>
    /// Ingests files, folders (with all below them) and globs ("docs/**/*.md"). Files that are gone are removed below folders, not by globs.
    /// </summary>
    /// <param name="paths">What to ingest.</param>
    /// <param name="progress">Told after each file settled and each batch written.</param>
    /// <param name="cancellationToken">Stops after the batch that is being stored; what was reported written stays.</param>
    /// <exception cref="FileNotFoundException">A path does not exist; nothing was done.</exception>
    /// <exception cref="SearchDatabaseException">The database refused a write; what was written before stays.</exception>
    public async Task<IngestionReport> IngestAsync(
        IReadOnlyList<string> paths,
        IProgress<IngestionProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var finder = new FileFinder(_options);
        await Task.Run(() => finder.Find(paths, cancellationToken), cancellationToken).ConfigureAwait(false);
        var tally = new IngestionTally(progress);
        foreach (IngestionIssue failure in finder.Failures)
            Fail(tally, failure);

        List<(FoundFile File, IDocumentReader Reader)> files = Supported(finder.Files, tally);
        tally.Start(files.Count, files.Sum(f => f.File.Length));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        int readers = _options.ReaderCount > 0 ? _options.ReaderCount : Math.Clamp(Environment.ProcessorCount / 2, 1, MaxReaders);
        Channel<FilePart> parts = Channel.CreateBounded<FilePart>(new BoundedChannelOptions(readers * 2) { SingleReader = true });
        Channel<BatchBuilder> batches = Channel.CreateBounded<BatchBuilder>(new BoundedChannelOptions(EmbeddedBatches) { SingleReader = true, SingleWriter = true });
        Task reading = ReadAsync(files, readers, parts.Writer, tally, stop.Token);
        Task embedding = EmbedAsync(parts.Reader, batches.Writer, stop.Token);
        try
        {
            // A stage that fails closes its queue with the error, so that the one behind it ends with it as well.
            await StoreAsync(batches.Reader, tally, cancellationToken).ConfigureAwait(false);
            await embedding.ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
        catch
        {
            // The stages in front may wait for room in their queues: let go of them before reporting what went wrong.
            await stop.CancelAsync().ConfigureAwait(false);
            await embedding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        if (_options.RemoveDeleted)
            await RemoveDeletedAsync(finder, tally, cancellationToken).ConfigureAwait(false);
        return tally.Report();
    }

    private List<(FoundFile File, IDocumentReader Reader)> Supported(IReadOnlyCollection<FoundFile> found, IngestionTally tally)
    {
        var files = new List<(FoundFile, IDocumentReader)>(found.Count);
        foreach (FoundFile file in found)
        {
            if (_readers.TryGetValue(Path.GetExtension(file.Path), out IDocumentReader? reader))
                files.Add((file, reader));
            else if (file.IsNamed)
                Fail(tally, new IngestionIssue(file.Path, $"There is no reader for '{Path.GetExtension(file.Path)}' files; known are {string.Join(' ', _readers.Keys.Order(StringComparer.Ordinal))}."));
            else
                tally.Unsupported();
        }
        return files;
    }

    private async Task ReadAsync(
        List<(FoundFile File, IDocumentReader Reader)> files,
        int readers,
        ChannelWriter<FilePart> parts,
        IngestionTally tally,
        CancellationToken cancellationToken)
    {
        var partReader = new PartReader(_collection, _options);
        Exception? error = null;
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = readers, CancellationToken = cancellationToken };
            // Without buffering, so that files are taken in order and the progress is even.
            OrderablePartitioner<(FoundFile File, IDocumentReader Reader)> inOrder = Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering);
            await Parallel.ForEachAsync(inOrder.GetDynamicPartitions(), options, async (entry, cancel) =>
            {
                var file = new SourceFile(SourceOf(entry.File.Path), entry.File.Path);
                try
                {
                    if (partReader.Inspect(file, entry.File.Length, entry.Reader) is not { } job)
                    {
                        tally.Skipped(entry.File.Path, entry.File.Length);
                        return;
                    }
                    foreach (FilePart part in partReader.Read(job, entry.Reader, (message, line) => Warn(tally, new IngestionIssue(file.FullPath, message, line)), cancel))
                        await parts.WriteAsync(part, cancel).ConfigureAwait(false);
                }
                catch (Exception e) when (e is SourceFormatException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
                {
                    Fail(tally, new IngestionIssue(file.FullPath, e.Message));
                    tally.Settled(file.FullPath, entry.File.Length);
                }
            }).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            parts.Complete(error);
        }
    }

    /// <summary>Gathers parts into batches and embeds them, one batch ahead of the one that is stored.</summary>
    private async Task EmbedAsync(ChannelReader<FilePart> parts, ChannelWriter<BatchBuilder> batches, CancellationToken cancellationToken)
    {
        Exception? error = null;
        try
        {
            bool embeds = _collection.Schema.FindVector(IngestionSchema.VectorField) is not null;
            var batch = new BatchBuilder(embeds);
            // Small files arrive faster than they are embedded: a batch waits until it is full or the readers are done.
            await foreach (FilePart part in parts.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (batch.Chunks + part.Chunks.Count > _options.BatchChunks && !batch.IsEmpty)
                {
                    await PassOnAsync(batch).ConfigureAwait(false);
                    batch = new BatchBuilder(embeds);
                }
                batch.Add(part);
            }
            if (!batch.IsEmpty)
                await PassOnAsync(batch).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            error = e;
            throw;
        }
        finally
        {
            batches.Complete(error);
        }

        async Task PassOnAsync(BatchBuilder batch)
        {
            await _collection.EmbedDocumentsAsync(batch.Batch, cancellationToken).ConfigureAwait(false);
            await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StoreAsync(ChannelReader<BatchBuilder> batches, IngestionTally tally, CancellationToken cancellationToken)
    {
        await foreach (BatchBuilder batch in batches.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await _collection.WriteAsync(batch.Batch, cancellationToken).ConfigureAwait(false);
            foreach (FilePart part in batch.Parts)
                tally.Written(part);
        }
    }

    private async Task RemoveDeletedAsync(FileFinder finder, IngestionTally tally, CancellationToken cancellationToken)
    {
        foreach ((string name, string value) in _collection.ListMetadata(FileState.Prefix).ToList())
        {
            cancellationToken.ThrowIfCancellationRequested();
            string source = name[FileState.Prefix.Length..];
            if (!finder.IsGone(PathOf(source)))
                continue;
            var batch = new WriteBatch();
            int chunks = FileState.Decode(value)?.Chunks ?? 0;
            for (int i = 0; i < chunks; i++)
                batch.Delete(IngestionSchema.Key(source, i));
            batch.SetMetadata(name, null);
            await _collection.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            tally.Removed();
            LogRemoved(source);
        }
    }

    private string SourceOf(string path) =>
        _base is not null && path.StartsWith(_base, StringComparison.Ordinal) ? path[_base.Length..].Replace(Path.DirectorySeparatorChar, '/') : path;

    private string PathOf(string source) =>
        _base is not null && !Path.IsPathFullyQualified(source) ? Path.GetFullPath(_base + source) : source;

    private void Fail(IngestionTally tally, IngestionIssue issue)
    {
        tally.Failed(issue);
        LogFailed(issue.Path, issue.Message);
    }

    private void Warn(IngestionTally tally, IngestionIssue issue)
    {
        tally.Warned(issue);
        LogWarned(issue.Path, issue.Line, issue.Message);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was not ingested: {Reason}")]
    private partial void LogFailed(string path, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}, line {Line}, was passed over: {Reason}")]
    private partial void LogWarned(string path, int? line, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Source} is gone; its chunks were deleted")]
    private partial void LogRemoved(string source);
}
