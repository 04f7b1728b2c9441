using System.Runtime.CompilerServices;
using System.Text.Json;

namespace SearchEngine.Ingestion;

/// <summary>Keeps what a collection knows of files in order: places of roots, copies, files that are gone.</summary>
internal sealed class CorpusKeeper(ISearchCollection collection, SourceNames names)
{
    /// <summary>Metadata "copies:SOURCE": a JSON array of the sources with the same content as SOURCE.</summary>
    internal const string CopiesPrefix = "copies:";

    internal Task SaveRootsAsync(CancellationToken cancellationToken)
    {
        var batch = new WriteBatch();
        names.Save(batch);
        return WriteAsync(batch, cancellationToken);
    }

    /// <summary>Stores a file as the copy of another; false if that one has not the same content after all.</summary>
    internal async Task<bool> TryCopyAsync(FileDecision decision, CancellationToken cancellationToken)
    {
        var job = decision.Job!;
        var owner = decision.CopyOf!;
        if (
            owner == job.File.Source
            || await StateOfAsync(owner, cancellationToken).ConfigureAwait(false) is not { Complete: true, SameAs: null } state
            || state.Hash != job.Hash
            || state.Pipeline != job.Pipeline
        )
        {
            return false;
        }

        var batch = new WriteBatch();
        Delete(batch, job.File.Source, job.Before?.Chunks ?? 0);
        var copy = new FileState(job.Hash, job.Pipeline, 0, Complete: true)
        {
            SameAs = owner,
            Length = job.Length,
            Problems = state.Problems,
        };
        batch.SetMetadata(FileState.Name(job.File.Source), copy.Encode());
        await WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Whether a file is stored as the copy of one that has other content now.</summary>
    internal async Task<bool> IsBrokenCopyAsync(string source, CancellationToken cancellationToken) =>
        await StateOfAsync(source, cancellationToken).ConfigureAwait(false) is { SameAs: { } owner } copy
        && !(
            await StateOfAsync(owner, cancellationToken).ConfigureAwait(false) is { Complete: true, SameAs: null } state
            && state.Hash == copy.Hash
        );

    /// <summary>Removes files that are gone; the chunks of one that has copies go over to the first of them. Gives their sources.</summary>
    internal async IAsyncEnumerable<string> RemoveGoneAsync(
        Func<string, bool> isGone,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        foreach (var (name, _) in await ListAsync(FileState.Prefix, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var source = name[FileState.Prefix.Length..];
            if (isGone(names.PathOf(source)))
            {
                await RemoveAsync(source, cancellationToken).ConfigureAwait(false);
                yield return source;
            }
        }
    }

    /// <summary>Removes a file from the collection; returns how many chunks went.</summary>
    internal async Task<int> RemoveAsync(string source, CancellationToken cancellationToken)
    {
        var batch = new WriteBatch();
        var state = await StateOfAsync(source, cancellationToken).ConfigureAwait(false);
        if (
            state is { Complete: true, SameAs: null }
            && await FirstCopyOfAsync(source, cancellationToken).ConfigureAwait(false) is { } heir
        )
        {
            await HandOverAsync(batch, source, heir, state, cancellationToken).ConfigureAwait(false);
        }

        var chunks = state?.Chunks ?? 0;
        Delete(batch, source, chunks);
        batch.SetMetadata(FileState.Name(source), null);
        await WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        return chunks;
    }

    /// <summary>Writes who has copies where that has changed.</summary>
    internal async Task SaveCopiesAsync(CancellationToken cancellationToken)
    {
        var copies = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, value) in await ListAsync(FileState.Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (FileState.Decode(value)?.SameAs is { } owner)
            {
                if (!copies.TryGetValue(owner, out var list))
                {
                    copies[owner] = list = [];
                }

                list.Add(name[FileState.Prefix.Length..]);
            }
        }

        var batch = new WriteBatch();
        foreach (var (name, value) in await ListAsync(CopiesPrefix, cancellationToken).ConfigureAwait(false))
        {
            var owner = name[CopiesPrefix.Length..];
            if (copies.Remove(owner, out var now) && Encode(now) is var encoded && encoded != value)
            {
                batch.SetMetadata(name, encoded);
            }
            else if (now is null)
            {
                batch.SetMetadata(name, null);
            }
        }

        foreach (var (owner, list) in copies)
        {
            batch.SetMetadata(CopiesPrefix + owner, Encode(list));
        }

        await WriteAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    private static string Encode(List<string> sources) =>
        JsonSerializer.Serialize([.. sources.Order(StringComparer.Ordinal)], CorpusJson.Default.StringArray);

    private async Task<string?> FirstCopyOfAsync(string owner, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in await ListAsync(FileState.Prefix, cancellationToken).ConfigureAwait(false))
        {
            var source = name[FileState.Prefix.Length..];
            if (FileState.Decode(value)?.SameAs == owner && DiskFile.Exists(names.PathOf(source)))
            {
                return source;
            }
        }

        return null;
    }

    private async Task HandOverAsync(WriteBatch batch, string owner, string heir, FileState state, CancellationToken cancellationToken)
    {
        for (var i = 0; i < state.Chunks; i++)
        {
            if (
                await collection.GetAsync(IngestionSchema.Key(owner, i), includeVectors: true, cancellationToken).ConfigureAwait(false)
                is not { } chunk
            )
            {
                continue;
            }

            var moved = new Document(IngestionSchema.Key(heir, i))
            {
                Fields = chunk.Fields,
                Vectors = chunk.Vectors,
                [IngestionSchema.SourceField] = heir,
            };
            if (Equals(moved[IngestionSchema.DocumentField], owner))
            {
                moved[IngestionSchema.DocumentField] = heir;
            }

            batch.Upsert(moved);
        }

        batch.SetMetadata(FileState.Name(heir), state.Encode());
        foreach (var (name, value) in await ListAsync(FileState.Prefix, cancellationToken).ConfigureAwait(false))
        {
            if (FileState.Decode(value) is { } other && other.SameAs == owner && name != FileState.Name(heir))
            {
                batch.SetMetadata(name, (other with { SameAs = heir }).Encode());
            }
        }
    }

    private async Task<FileState?> StateOfAsync(string source, CancellationToken cancellationToken) =>
        FileState.Decode(await collection.GetMetadataAsync(FileState.Name(source), cancellationToken).ConfigureAwait(false));

    private async Task<List<KeyValuePair<string, string>>> ListAsync(string prefix, CancellationToken cancellationToken) =>
        await collection.ListMetadataAsync(prefix, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);

    private static void Delete(WriteBatch batch, string source, int chunks)
    {
        for (var i = 0; i < chunks; i++)
        {
            batch.Delete(IngestionSchema.Key(source, i));
        }
    }

    private async Task WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count > 0)
        {
            await collection.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }
}
