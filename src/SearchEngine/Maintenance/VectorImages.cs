using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine.Maintenance;

/// <summary>
/// Images of a collection's vector indexes, which are mapped at opening instead of reading every node (docs/decisions/mapped-graph.md). An
/// image is written beside readers and writers, at the first checkpoint and when a share of the nodes has changed since the one before;
/// every checkpoint has a list of what was saved since, named after the graph store's part of it: image and list are that checkpoint's
/// index. Without them, or with damaged ones, a collection opens from its store: nothing here is ever needed, so failing to write one is
/// only logged. Thread-safe but for <see cref="Renew"/>, <see cref="SaveChanges"/> and <see cref="RemoveOthers"/>, which the holder of the
/// checkpoints' gate calls.
/// </summary>
internal sealed partial class VectorImages(SearchDatabaseOptions options, CollectionFiles files, ILogger logger)
{
    /// <summary>Below this reading is as fast, and an image takes 2 MiB a table at the least.</summary>
    private const int LeastVectors = 8_192;

    /// <summary>
    /// An image is written anew when more than this part of the nodes was saved since: reading so many at opening takes as long as a few
    /// queries, and while a collection is filled an image costs a fraction of what its checkpoint saves.
    /// </summary>
    private const int ChangedShare = 10;

    /// <summary>At closing, when nobody waits, a smaller part is enough.</summary>
    private const int ChangedShareAtClosing = 64;

    /// <summary>So many are read at opening without being noticed.</summary>
    private const int LeastChanged = 1_000;

    private const string ImageSuffix = ".image";
    private const string ChangesSuffix = ".changes";

    /// <summary>Bytes of the image's identifier before the list of changes.</summary>
    private const int IdBytes = 16;

    /// <summary>Pages are checked at their first use; the rest when the first answers are out.</summary>
    private static readonly TimeSpan CheckDelay = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<int, string> _images = new();
    private Task _checking = Task.CompletedTask;

    /// <summary>The images of a collection.</summary>
    public static VectorImages Of(SearchDatabaseOptions options, CollectionFiles files) =>
        new(options, files, (ILogger?)options.LoggerFactory?.CreateLogger<SearchCollection>() ?? NullLogger.Instance);

    private int Least => options.Storage.ImagesFrom ?? LeastVectors;

    /// <summary>The index of a checkpoint, from its image and what was saved since; null where that is not to be had.</summary>
    public VectorIndex? TryOpen(int position, RecordCheckpoint graph, VectorIndexOptions index, VectorFieldIndex field)
    {
        var list = ChangesPath(position, graph);
        if (!File.Exists(list))
            return null;
        var path = list;
        try
        {
            var changes = File.ReadAllBytes(list);
            if (changes.Length < IdBytes)
                throw new VectorIndexException("The list of changes ends early.");
            path = ImagePath(position, new Guid(changes.AsSpan(0, IdBytes)));
            var opened = VectorIndex.OpenImage(index, path, changes.AsSpan(IdBytes), field, field);
            _images[position] = path;
            return opened;
        }
        catch (Exception e) when (e is VectorIndexException or IOException or UnauthorizedAccessException)
        {
            LogUnusable(path, e.Message);
            Remove(path);
            return null;
        }
    }

    /// <summary>Checks in the background what no search has used yet. A damaged image is removed: the next opening goes without.</summary>
    public void StartChecking(IReadOnlyList<VectorFieldIndex> vectors) =>
        _checking = Task.Run(async () =>
        {
            try
            {
                await Task.Delay(CheckDelay, _closing.Token).ConfigureAwait(false);
                foreach (var vector in vectors)
                    Check(vector);
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

    /// <summary>Whether some index lacks an image, or has one that is to be written anew.</summary>
    public bool AreDue(IReadOnlyList<VectorFieldIndex> vectors, bool closing) => vectors.Any(vector => IsDue(vector, closing));

    /// <summary>
    /// Writes the images that are due, of indexes whose changes were just saved; what changes meanwhile is saved after each. Readers and
    /// writers go on.
    /// </summary>
    public void Renew(IReadOnlyList<VectorFieldIndex> vectors, bool closing)
    {
        foreach (var vector in vectors)
        {
            if (IsDue(vector, closing) && TryWrite(vector))
                vector.Index.SaveChanges(vector);
        }
    }

    /// <summary>Writes what was saved since the images, for a checkpoint that is whole but for the manifest.</summary>
    public void SaveChanges(IReadOnlyList<VectorFieldIndex> vectors, RecordCheckpoint graph)
    {
        foreach (var vector in vectors)
        {
            try
            {
                if (_images.TryGetValue(vector.Position, out var path) && vector.Index.ImageChanges() is { } changes)
                    AtomicFile.Write(ChangesPath(vector.Position, graph), [.. IdOf(path).ToByteArray(), .. changes], options.Files);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or StorageException)
            {
                LogNotWritten(files.Images, e.Message);
            }
        }
    }

    /// <summary>Removes images and lists of other checkpoints, and what a crash left of unfinished ones.</summary>
    public void RemoveOthers(RecordCheckpoint? graph)
    {
        if (graph is null || options.ReadOnly || !Directory.Exists(files.Images))
            return;
        var kept = _images.Values.ToHashSet();
        foreach (var path in Directory.EnumerateFiles(files.Images))
        {
            if (!kept.Contains(path) && !path.EndsWith($"-{graph.Token:N}{ChangesSuffix}", StringComparison.Ordinal))
                Remove(path);
        }
    }

    private bool IsDue(VectorFieldIndex vector, bool closing)
    {
        var count = vector.Index.Count;
        if (vector.Field.Index == VectorIndexKind.Flat || count < Least)
            return false;
        if (!_images.ContainsKey(vector.Position) || vector.Index.SavedSinceImage is not { } saved)
            return true;
        var part = count / (closing ? ChangedShareAtClosing : ChangedShare);
        return saved > Math.Max(options.Storage.ImageChanges ?? LeastChanged, part);
    }

    private bool TryWrite(VectorFieldIndex vector)
    {
        var id = Guid.NewGuid();
        var path = ImagePath(vector.Position, id);
        var temporary = path + AtomicFile.TemporarySuffix;
        try
        {
            options.Files.CreateDirectory(files.Images);
            bool written;
            using (var file = options.Files.Open(temporary, FileMode.Create, FileAccess.ReadWrite))
            {
                using var stream = new StorageFileStream(file);
                written = vector.Index.TrySaveImage(stream, id.ToByteArray());
                if (written)
                    file.Flush();
            }

            if (written)
                options.Files.Move(temporary, path);
            else
                options.Files.Delete(temporary);
            options.Files.FlushDirectory(files.Images);
            if (written)
                _images[vector.Position] = path;
            return written;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StorageException or VectorIndexException)
        {
            // The index may have taken the image for written: what it lists since is of no image that has a name.
            _images.TryRemove(vector.Position, out _);
            LogNotWritten(files.Images, e.Message);
            if (File.Exists(temporary))
                Remove(temporary);
            return false;
        }
    }

    private void Check(VectorFieldIndex vector)
    {
        try
        {
            vector.Index.CheckImage(_closing.Token);
        }
        catch (VectorIndexException e)
        {
            LogDamaged(vector.Field.Name, e.Message);
            if (_images.TryRemove(vector.Position, out var path))
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

    private string ImagePath(int position, Guid id) => Path.Combine(files.Images, $"vector-{position}-{id:N}{ImageSuffix}");

    private string ChangesPath(int position, RecordCheckpoint graph) =>
        Path.Combine(files.Images, $"vector-{position}-{graph.Token:N}{ChangesSuffix}");

    private static Guid IdOf(string image) => Guid.ParseExact(Path.GetFileNameWithoutExtension(image).AsSpan()[^32..], "N");

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
