using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace SearchEngine.Ingestion;

/// <summary>Says what is to be done with a file, by what is stored of it and of files with the same content. Thread-safe.</summary>
internal sealed class FileInspector
{
    /// <summary>Bytes hashed between two looks whether to stop; a report is made of each but the first.</summary>
    private const int HashBytes = 1 << 20;

    /// <summary>Readers whose files are read anew when the recognition of text changes.</summary>
    private static readonly HashSet<string> MayHoldPictures = ["pdf", "image", "zip", "tar", "gzip", "mail"];

    private readonly IngestionOptions _options;
    private readonly SourceNames _names;
    private readonly ContainedFiles _contained;
    private readonly ConcurrentDictionary<string, FileState> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Hash, string Pipeline), string> _owners = new();

    private FileInspector(IngestionOptions options, SourceNames names, ContainedFiles contained)
    {
        _options = options;
        _names = names;
        _contained = contained;
    }

    /// <summary>The inspector that knows what a collection holds now.</summary>
    internal static async Task<FileInspector> OfAsync(
        ISearchCollection collection,
        IngestionOptions options,
        SourceNames names,
        ContainedFiles contained,
        CancellationToken cancellationToken
    )
    {
        var inspector = new FileInspector(options, names, contained);
        await foreach (var (name, value) in collection.ListMetadataAsync(FileState.Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (FileState.Decode(value) is not { } state)
            {
                continue;
            }

            var source = name[FileState.Prefix.Length..];
            inspector._states[source] = state;
            if (state is { Complete: true, SameAs: null, Chunks: > 0 })
            {
                inspector._owners.TryAdd((state.Hash, state.Pipeline), source);
            }
        }

        return inspector;
    }

    /// <summary>What is stored of a file.</summary>
    internal FileState? StateOf(string source) => _states.GetValueOrDefault(source);

    /// <summary>Decides about a file.</summary>
    /// <param name="found">The file.</param>
    /// <param name="reader">Its reader.</param>
    /// <param name="seeksCopies">Whether a file with the same content as another may be stored as its copy.</param>
    /// <param name="progress">Told how many bytes of a large file were looked at.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ArgumentException">Its path cannot be part of a key.</exception>
    internal FileDecision Inspect(
        FoundFile found,
        IDocumentReader reader,
        bool seeksCopies,
        Action<long> progress,
        CancellationToken cancellationToken
    )
    {
        var file = new SourceFile(_names.SourceOf(found.Path), found.Path)
        {
            Encoding = _options.Encoding,
            Recognition = _options.Recognition,
            Contained = _contained.ForFile(),
        };
        IngestionSchema.Key(file.Source, int.MaxValue);
        var hash = HashOf(file, progress, cancellationToken);
        var pipeline = PipelineOf(reader);
        var before = StateOf(file.Source);
        if (!_options.Force && before is { Complete: true } && before.Hash == hash && before.Pipeline == pipeline && IsTrue(before))
        {
            return new FileDecision(file, null, before, null);
        }

        var job = new FileJob(file, reader, found.Length, hash, pipeline, before) { Modified = DiskFile.LastWriteTimeUtc(found.Path) };
        if (file.Source != found.Path && StateOf(found.Path) is { } earlier)
        {
            // Stored under its full path by an earlier version.
            return new FileDecision(file, job with { Replaces = found.Path, Replaced = earlier }, null, null);
        }

        if (before is { Complete: false } && before.Hash == hash && before.Pipeline == pipeline && !_options.Force)
        {
            foreach (var problem in before.Problems ?? [])
            {
                job.AddProblem(problem with { Path = found.Path });
            }

            return new FileDecision(file, job with { Resume = before.Written }, null, null);
        }

        if (!seeksCopies || _options.Force || found.Length == 0)
        {
            return new FileDecision(file, job, null, null);
        }

        var owner = _owners.GetOrAdd((hash, pipeline), file.Source);
        if (owner == file.Source)
        {
            return new FileDecision(file, job, null, null);
        }

        if (StateOf(owner) is { } stored && stored.Hash == hash && !DiskFile.Exists(_names.PathOf(owner)) && _options.RemoveDeleted)
        {
            // It was moved, or its owner is gone: it takes over the stored vectors.
            return _owners.TryUpdate((hash, pipeline), file.Source, owner)
                ? new FileDecision(file, job with { Replaces = owner, Replaced = stored }, null, null)
                : new FileDecision(file, job, null, file.Source);
        }

        return new FileDecision(file, job, null, owner);
    }

    private static string HashOf(SourceFile file, Action<long> progress, CancellationToken cancellationToken)
    {
        using var stream = file.OpenRead();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(HashBytes);
        try
        {
            long total = 0;
            for (int read; (read = stream.Read(buffer, 0, HashBytes)) > 0; )
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (total > 0)
                {
                    progress(total);
                }

                hash.AppendData(buffer, 0, read);
                total += read;
            }

            return Convert.ToHexString(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether a copy's owner still has the same content.</summary>
    private bool IsTrue(FileState state) =>
        state.SameAs is null
        || (
            StateOf(state.SameAs) is { Complete: true, SameAs: null } owner
            && owner.Hash == state.Hash
            && DiskFile.Exists(_names.PathOf(state.SameAs))
        );

    private string PipelineOf(IDocumentReader reader)
    {
        var cut = _options.Chunking;
        var encoding = _options.Encoding is { } named ? ";" + named.WebName : "";
        var recognition = _options.Recognition is { } given && MayHoldPictures.Contains(reader.Name) ? ";ocr " + given.Name : "";
        return $"{reader.Name}/{reader.Version};chunker/{Chunker.Version};{cut.MaxTokens},{cut.OverlapTokens},{cut.MinTokens};"
            + (cut.CountTokens is null ? "estimate" : cut.CountTokensName)
            + encoding
            + recognition
            + (_options.EmbedPassages is null ? "" : ";late");
    }
}
