using System.Security.Cryptography;
using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Reads and cuts files.</summary>
internal sealed class PartReader(SearchCollection collection, IngestionOptions options)
{
    private const int MaxTitleLength = 300;

    private readonly Chunker _chunker = new(options.Chunking);

    /// <summary>The job of a file, or null if it has not changed since it was ingested.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ArgumentException">Its path cannot be part of a key.</exception>
    internal FileJob? Inspect(SourceFile file, long length, IDocumentReader reader)
    {
        IngestionSchema.Key(file.Source, int.MaxValue);
        string hash;
        using (var stream = file.OpenRead())
            hash = Convert.ToHexString(SHA256.HashData(stream));
        ChunkerOptions cut = options.Chunking;
        string pipeline = $"{reader.Name}/{reader.Version};chunker/{Chunker.Version};{cut.MaxTokens},{cut.OverlapTokens},{cut.MinTokens};{(cut.CountTokens is null ? "estimate" : cut.CountTokensName)}";
        FileState? before = FileState.Decode(collection.GetMetadata(FileState.Name(file.Source)));
        if (!options.Force && before is { Complete: true } && before.Hash == hash && before.Pipeline == pipeline)
            return null;
        return new FileJob(file, length, hash, pipeline, before);
    }

    /// <summary>
    /// The file's parts, of at most <see cref="IngestionOptions.BatchChunks"/> chunks each, made as they are asked for. There is always one.
    /// </summary>
    internal IEnumerable<FilePart> Read(FileJob job, IDocumentReader reader, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var chunks = new List<PreparedChunk>();
        int start = 0;
        int documents = 0;
        foreach (SourceDocument document in reader.Read(job.File, warn, cancellationToken))
        {
            foreach (TextChunk chunk in _chunker.Cut(document))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (chunks.Count == options.BatchChunks)
                {
                    yield return new FilePart(job, start, chunks, documents, IsLast: false);
                    start += chunks.Count;
                    chunks = [];
                    documents = 0;
                }
                chunks.Add(new PreparedChunk(WellFormed(chunk), WellFormed(Short(document.Title)), document.Id is null ? null : WellFormed(document.Id)));
            }
            documents++;
        }
        yield return new FilePart(job, start, chunks, documents, IsLast: true);
    }

    private static TextChunk WellFormed(TextChunk chunk) => chunk with
    {
        Text = WellFormed(chunk.Text),
        EmbeddedText = WellFormed(chunk.EmbeddedText),
        HeadingPath = chunk.HeadingPath.Any(IsBroken) ? [.. chunk.HeadingPath.Select(WellFormed)] : chunk.HeadingPath,
    };

    /// <summary>Unpaired surrogates, which PDF character maps can give, become U+FFFD: they cannot be stored as UTF-8.</summary>
    private static string WellFormed(string text)
    {
        if (!IsBroken(text))
            return text;
        var builder = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            builder.Append(rune.ToString());
        return builder.ToString();
    }

    private static bool IsBroken(string text)
    {
        for (int i = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }
        return false;
    }

    /// <summary>The title is stored with every chunk; what is longer stands in the text or was no title.</summary>
    private static string Short(string title)
    {
        if (title.Length <= MaxTitleLength)
            return title;
        int end = title.LastIndexOf(' ', MaxTitleLength - 1);
        return title[..(end > 0 ? end : MaxTitleLength - 1)] + "…";
    }
}
