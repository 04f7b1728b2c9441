using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine.Maintenance;

/// <summary>
/// Images of a collection's vector indexes, which are mapped at opening instead of reading every node (docs/decisions/mapped-graph.md):
/// written at
/// closing, each named after the graph store's checkpoint that it is derived from, and of use with that one alone. Without them, or with
/// damaged
/// ones, a collection opens from its store: nothing here is ever needed, so failing to write one is only logged. Thread-safe.
/// </summary>
internal sealed partial class VectorImages(SearchDatabaseOptions options, CollectionFiles files, ILogger logger)
{
    /// <summary>Below this reading is as fast, and an image takes 2 MiB a table at the least.</summary>
    private const int LeastVectors = 16_384;

    /// <summary>Pages are checked at their first use; the rest when the first answers are out.</summary>
    private static readonly TimeSpan CheckDelay = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _closing = new();
    private Task _checking = Task.CompletedTask;

    /// <summary>The images of a collection.</summary>
    public static VectorImages Of(SearchDatabaseOptions options, CollectionFiles files) =>
        new(options, files, (ILogger?)options.LoggerFactory?.CreateLogger<SearchCollection>() ?? NullLogger.Instance);

    private int Least => options.Storage.ImagesFrom ?? LeastVectors;

    /// <summary>The index of an image of a checkpoint; null where there is none that can be used.</summary>
    public VectorIndex? TryOpen(int position, RecordCheckpoint graph, VectorIndexOptions index, IVectorReader vectors)
    {
        var path = PathOf(position, graph);
        if (!File.Exists(path))
            return null;
        try
        {
            return VectorIndex.OpenImage(index, path, Tie(graph), vectors);
        }
        catch (Exception e) when (e is VectorIndexException or IOException or UnauthorizedAccessException)
        {
            LogUnusable(path, e.Message);
            Remove(path);
            return null;
        }
    }

    /// <summary>Checks in the background what no search has used yet. A damaged image is removed: the next opening goes without.</summary>
    public void StartChecking(IReadOnlyList<VectorFieldIndex> vectors, RecordCheckpoint? graph) =>
        _checking = Task.Run(async () =>
        {
            try
            {
                await Task.Delay(CheckDelay, _closing.Token).ConfigureAwait(false);
                foreach (var vector in vectors)
                    Check(vector, graph is null ? null : PathOf(vector.Position, graph));
            }
            catch (OperationCanceledException)
            {
                // Closing: what was not checked was not used either.
            }
        });

    /// <summary>Ends the checking.</summary>
    public async Task CloseAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _checking.ConfigureAwait(false);
        _closing.Dispose();
    }

    /// <summary>Writes the images of a checkpoint that holds everything the indexes do; those that are there already stay.</summary>
    public void Save(IReadOnlyList<VectorFieldIndex> vectors, RecordCheckpoint? graph)
    {
        if (graph is null)
            return;
        try
        {
            foreach (var vector in vectors)
            {
                if (vector.Index.Count >= Least && !File.Exists(PathOf(vector.Position, graph)))
                    Save(vector, graph);
            }

            RemoveOthers(graph);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StorageException or VectorIndexException)
        {
            LogNotWritten(files.Images, e.Message);
        }
    }

    /// <summary>Removes the images of other checkpoints, and what a crash left of unfinished ones.</summary>
    public void RemoveOthers(RecordCheckpoint? graph)
    {
        if (graph is null || options.ReadOnly || !Directory.Exists(files.Images))
            return;
        foreach (var path in Directory.EnumerateFiles(files.Images))
        {
            if (!path.EndsWith(Suffix(graph), StringComparison.Ordinal))
                Remove(path);
        }
    }

    private void Save(VectorFieldIndex vector, RecordCheckpoint graph)
    {
        options.Files.CreateDirectory(files.Images);
        var path = PathOf(vector.Position, graph);
        var temporary = path + AtomicFile.TemporarySuffix;
        bool saved;
        using (var file = options.Files.Open(temporary, FileMode.Create, FileAccess.ReadWrite))
        {
            using var stream = new StorageFileStream(file);
            saved = vector.Index.TrySaveImage(stream, Tie(graph));
            if (saved)
                file.Flush();
        }

        if (saved)
            options.Files.Move(temporary, path);
        else
            options.Files.Delete(temporary);
        options.Files.FlushDirectory(files.Images);
    }

    private void Check(VectorFieldIndex vector, string? path)
    {
        try
        {
            vector.Index.CheckImage(_closing.Token);
        }
        catch (VectorIndexException e)
        {
            LogDamaged(vector.Field.Name, e.Message);
            if (path is not null)
                Remove(path);
        }
    }

    private void Remove(string path)
    {
        if (options.ReadOnly)
            return;
        try
        {
            options.Files.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In use (a mapped file cannot be removed everywhere) or not ours to remove: it is of no checkpoint and stays unused.
            LogNotRemoved(path, e.Message);
        }
    }

    private string PathOf(int position, RecordCheckpoint graph) => Path.Combine(files.Images, $"vector-{position}{Suffix(graph)}");

    private static string Suffix(RecordCheckpoint graph) => $"-{graph.Token:N}.image";

    private static byte[] Tie(RecordCheckpoint graph) => graph.Token.ToByteArray();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The image {Path} cannot be used and is done without: {Reason}")]
    private partial void LogUnusable(string path, string reason);

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The image of vector field {Field} is damaged and is removed: close the collection and open it again, and the graph is read from its store. {Reason}"
    )]
    private partial void LogDamaged(string field, string reason);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "No image was written into {Directory}: the next opening reads the graph from its store. {Reason}"
    )]
    private partial void LogNotWritten(string directory, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The image {Path} was not removed: {Reason}")]
    private partial void LogNotRemoved(string path, string reason);
}
