using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SearchEngine.Ingestion;

/// <summary>
/// Keeps a collection in step with files: reads new and changed ones, skips unchanged ones, removes the chunks of deleted ones. A file that
/// moved keeps its vectors, and so do unchanged chunks of a changed one; files with the same content are stored once.
/// </summary>
/// <remarks>
/// Files are read, hashed and cut by several threads while batches are embedded and the one before them is stored; queues are bounded, so
/// that memory does not grow with the input. Batches are stored in the order they were made. A file of at most
/// <see cref="IngestionOptions.BatchChunks"/> chunks is written at once, together with its state: after a crash it is there whole or as
/// before. A larger file is written in several batches and counts as unfinished until the last one; the next ingestion goes on where this
/// one stopped. Not to be run twice at a time on one collection.
/// </remarks>
public sealed partial class FolderIngestor
{
    private const int MaxReaders = 8;

    /// <summary>
    /// Embedded batches that wait to be stored: with the one being stored and the two being embedded, four are in memory.
    /// </summary>
    private const int EmbeddedBatches = 1;

    /// <summary>Rounds in which copies are looked for: one finds them, another those whose owner changed meanwhile.</summary>
    private const int MaxRounds = 2;

    /// <summary>How long a reader that does not hear that it shall stop is waited for.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(0.75);

    private readonly ISearchCollection _collection;
    private readonly IngestionOptions _options;
    private readonly ILogger _logger;
    private readonly Dictionary<string, IDocumentReader> _readers;

    /// <summary>Makes an ingestor of a collection.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the collection's schema is not that of
    /// <see cref="IngestionSchema.Create"/>.</exception>
    public FolderIngestor(ISearchCollection collection, IngestionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(collection);
        _options = options ?? new IngestionOptions();
        _options.Validate();
        IngestionSchema.RequireFits(collection.Schema);
        _collection = collection;
        _logger = _options.Logger ?? NullLogger.Instance;
        // Behind the others: who brings a reader of images of their own means it.
        _readers = DocumentReaders.ByExtension(_options.Recognition is null ? _options.Readers : [new ImageReader(), .. _options.Readers]);
    }

    /// <summary>
    /// Ingests files, folders (with all below them) and globs ("docs/**/*.md"). Files that are gone are removed below folders, not by
    /// globs.
    /// </summary>
    /// <param name="paths">What to ingest.</param>
    /// <param name="progress">Told after each file settled and each batch written.</param>
    /// <param name="cancellationToken">Stops after the batch that is being stored; what was reported written stays.</param>
    /// <exception cref="FileNotFoundException">A path does not exist; nothing was done.</exception>
    /// <exception cref="SearchDatabaseException">The database refused a write; what was written before stays.</exception>
    public Task<IngestionReport> IngestAsync(
        IReadOnlyList<string> paths,
        IProgress<IngestionProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(paths);
        var tally = new IngestionTally(progress);
        // A dry run reads and writes nothing that counts.
        return _options.DryRun
            ? IngestAsync(paths, tally, cancellationToken)
            : IngestionDiagnostics.ObserveAsync(_collection.Name, tally, () => IngestAsync(paths, tally, cancellationToken));
    }

    private async Task<IngestionReport> IngestAsync(IReadOnlyList<string> paths, IngestionTally tally, CancellationToken cancellationToken)
    {
        var finder = new FileFinder(_options);
        await Task.Run(() => finder.Find(paths, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var failure in finder.Failures)
        {
            Fail(tally, failure);
        }

        var names = await SourceNames.OfAsync(_collection, _options, cancellationToken).ConfigureAwait(false);
        names.Learn(finder.Files.Select(f => f.Root));
        var files = Supported(finder, tally);
        tally.Start(files.Count, files.Sum(f => f.File.Length));
        if (_options.DryRun)
        {
            var inspector = await InspectorAsync(names, finder.PassedOver, cancellationToken).ConfigureAwait(false);
            var dry = new DryRun(inspector, tally, (path, message) => Fail(tally, new IngestionIssue(path, message)));
            await Task.Run(() => dry.Run(files, cancellationToken), cancellationToken).ConfigureAwait(false);
            return tally.Report(finder.PassedOver.ToReport());
        }

        var keeper = new CorpusKeeper(_collection, names);
        await keeper.SaveRootsAsync(cancellationToken).ConfigureAwait(false);
        for (var round = 0; files.Count > 0; round++)
        {
            files = await RunRoundAsync(files, names, finder.PassedOver, keeper, tally, seeksCopies: round < MaxRounds, cancellationToken)
                .ConfigureAwait(false);
        }

        if (_options.RemoveDeleted)
        {
            await foreach (var source in keeper.RemoveGoneAsync(finder.IsGone, cancellationToken).ConfigureAwait(false))
            {
                tally.Removed();
                LogRemoved(source);
            }
        }

        await keeper.SaveCopiesAsync(cancellationToken).ConfigureAwait(false);
        return tally.Report(finder.PassedOver.ToReport());
    }

    private Task<FileInspector> InspectorAsync(SourceNames names, PassedOverList passedOver, CancellationToken cancellationToken) =>
        FileInspector.OfAsync(_collection, _options, names, new ContainedFiles(ReaderOf, passedOver: passedOver.Add), cancellationToken);

    /// <summary>Ingests files; returns those that were taken for copies of others, or are stored as copies, and are none.</summary>
    private async Task<List<(FoundFile File, IDocumentReader Reader)>> RunRoundAsync(
        List<(FoundFile File, IDocumentReader Reader)> files,
        SourceNames names,
        PassedOverList passedOver,
        CorpusKeeper keeper,
        IngestionTally tally,
        bool seeksCopies,
        CancellationToken cancellationToken
    )
    {
        var inspector = await InspectorAsync(names, passedOver, cancellationToken).ConfigureAwait(false);
        var reading = new ReadStage(
            new PartReader(_collection, _options, tally),
            inspector,
            tally,
            issue => Fail(tally, issue),
            issue => Warn(tally, issue)
        );
        await RunAsync(files, reading, tally, seeksCopies, cancellationToken).ConfigureAwait(false);
        var left = new List<(FoundFile, IDocumentReader)>();
        foreach (var copy in reading.Copies)
        {
            if (await keeper.TryCopyAsync(copy.Decision, cancellationToken).ConfigureAwait(false))
            {
                tally.Copied(copy.File.Path, copy.File.Length);
            }
            else
            {
                left.Add((copy.File, copy.Reader));
            }
        }

        foreach (var (file, reader) in seeksCopies ? files : [])
        {
            // Its owner may have changed behind it in this round.
            if (await keeper.IsBrokenCopyAsync(names.SourceOf(file.Path), cancellationToken).ConfigureAwait(false))
            {
                tally.Unskip(file.Length);
                left.Add((file, reader));
            }
        }

        return left;
    }

    private IDocumentReader? ReaderOf(string name, byte[] content) =>
        _readers.TryGetValue(Path.GetExtension(name), out var reader) ? reader : ContentKinds.ReaderOf(content, _options.Readers);

    private List<(FoundFile File, IDocumentReader Reader)> Supported(FileFinder finder, IngestionTally tally)
    {
        var files = new List<(FoundFile, IDocumentReader)>(finder.Files.Count);
        foreach (var file in finder.Files)
        {
            var extension = Path.GetExtension(file.Path);
            if (
                _readers.TryGetValue(extension, out var reader)
                || ((file.IsNamed || extension.Length == 0) && (reader = ContentKinds.ReaderOf(file.Path, _options.Readers)) is not null)
            )
            {
                files.Add((file, reader));
            }
            else if (file.IsNamed)
            {
                var known = string.Join(' ', _readers.Keys.Order(StringComparer.Ordinal));
                Fail(
                    tally,
                    new IngestionIssue(file.Path, $"There is no reader for '{extension}' files, and it is no text; known are {known}.")
                );
            }
            else
            {
                finder.PassedOver.Add(PassedOverList.KindOf(file.Path), file.Path);
                tally.Unsupported();
            }
        }

        return files;
    }

    private async Task RunAsync(
        List<(FoundFile File, IDocumentReader Reader)> files,
        ReadStage stage,
        IngestionTally tally,
        bool seeksCopies,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var readers = _options.ReaderCount > 0 ? _options.ReaderCount : Math.Clamp(Environment.ProcessorCount / 2, 1, MaxReaders);
        var parts = Channel.CreateBounded<FilePart>(new BoundedChannelOptions(readers * 2) { SingleReader = true });
        var batches = Channel.CreateBounded<BatchBuilder>(
            new BoundedChannelOptions(EmbeddedBatches) { SingleReader = true, SingleWriter = true }
        );
        var reading = stage.RunAsync(files, readers, seeksCopies, parts.Writer, stop.Token);
        var embedding = new EmbedStage(_collection, _options, FailPart, issue => Warn(tally, issue)).RunAsync(
            parts.Reader,
            batches.Writer,
            stop.Token
        );
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
            await Task.WhenAny(Task.WhenAll(embedding, reading), Task.Delay(StopPatience, CancellationToken.None)).ConfigureAwait(false);
            throw;
        }

        void FailPart(FilePart part, string message)
        {
            Fail(tally, new IngestionIssue(part.Job.File.FullPath, message));
            tally.Settled(part.Job.File.FullPath, part.Job.Length);
        }
    }

    private async Task StoreAsync(ChannelReader<BatchBuilder> batches, IngestionTally tally, CancellationToken cancellationToken)
    {
        await foreach (var batch in batches.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await _collection.WriteAsync(batch.ToBatch(), cancellationToken).ConfigureAwait(false);
            foreach (var part in batch.Parts)
            {
                tally.Written(part);
                IngestionDiagnostics.Stored(_collection.Name, part.Chunks.Count);
            }
        }
    }

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
