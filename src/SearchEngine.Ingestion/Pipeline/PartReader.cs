using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Reads and cuts files.</summary>
/// <param name="collection">Where unchanged chunks have their vectors.</param>
/// <param name="options">How to cut.</param>
/// <param name="tally">Told how far the way to the place is where an unfinished file goes on.</param>
internal sealed class PartReader(ISearchCollection collection, IngestionOptions options, IngestionTally tally)
{
    /// <summary>Chunks gone over between two reports.</summary>
    private const int ChunksPerReport = 64;

    private const int MaxTitleLength = 300;

    /// <summary>Bytes of a digest: two texts of a collection do not meet by chance.</summary>
    private const int DigestBytes = 16;

    private readonly Chunker _chunker = new(options.Chunking);

    /// <summary>
    /// The file's parts, of at most <see cref="IngestionOptions.BatchChunks"/> chunks each, made as they are asked for. There is always
    /// one.
    /// </summary>
    internal async IAsyncEnumerable<FilePart> ReadAsync(
        FileJob job,
        Action<string, int?> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var chunks = new List<PreparedChunk>();
        var start = job.Resume;
        var number = 0;
        // What of the file is in chunks: its stream is read ahead, some formats whole before the first chunk.
        long covered = 0;
        var documents = 0;
        var ordinal = 0;
        StoredVectors? stored = null;
        foreach (var document in job.Reader.Read(job.File, Warn, cancellationToken))
        {
            ordinal++;
            job.NamesTitle |= document.Title == job.File.Name;
            var title = WellFormed(Short(document.Title));
            foreach (var chunk in _chunker.Cut(WithLongTitle(document)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                covered += Encoding.UTF8.GetByteCount(chunk.Text);
                if (number++ < job.Resume)
                {
                    if (number % ChunksPerReport == 0)
                    {
                        tally.GoneOver(job.File.FullPath, Math.Min(covered, job.File.Consumed));
                    }

                    continue;
                }

                if (chunks.Count == options.BatchChunks)
                {
                    yield return new FilePart(
                        job,
                        start,
                        InContext(chunks, stored),
                        documents,
                        IsLast: false,
                        Math.Min(covered, job.File.Consumed)
                    );
                    start += chunks.Count;
                    chunks = [];
                    documents = 0;
                }

                var formed = WellFormed(chunk);
                var digest = DigestOf(formed.EmbeddedText);
                stored ??= await StoredOfAsync(job, cancellationToken).ConfigureAwait(false);
                chunks.Add(
                    new PreparedChunk(
                        formed,
                        title,
                        document.Id is null ? null : WellFormed(document.Id),
                        digest,
                        stored.Find(digest),
                        document.Properties
                    )
                    {
                        Document = ordinal,
                    }
                );
            }

            if (!document.Continues && number > job.Resume)
            {
                documents++;
            }
        }

        yield return new FilePart(job, start, InContext(chunks, stored), documents, IsLast: true, job.Length);

        void Warn(string message, int? line)
        {
            job.AddProblem(new IngestionIssue(job.File.FullPath, message, line));
            warn(message, line);
        }
    }

    /// <summary>
    /// Where passages are embedded in their context their vectors follow it: the digests name all of the document that is in the part.
    /// </summary>
    private List<PreparedChunk> InContext(List<PreparedChunk> chunks, StoredVectors? stored)
    {
        if (options.EmbedPassages is null || stored is null)
        {
            return chunks;
        }

        return
        [
            .. chunks
                .GroupBy(c => c.Document)
                .SelectMany(document =>
                {
                    var context = DigestOf(string.Join('\0', document.Select(c => c.Digest)));
                    return document.Select(
                        (chunk, i) =>
                        {
                            var digest = DigestOf(FormattableString.Invariant($"{context}\0{i}"));
                            return chunk with { Digest = digest, Vector = stored.Find(digest) };
                        }
                    );
                }),
        ];
    }

    private Task<StoredVectors> StoredOfAsync(FileJob job, CancellationToken cancellationToken) =>
        job.Replaces is { } replaced ? StoredVectors.OfAsync(collection, replaced, job.Replaced?.Chunks ?? 0, cancellationToken)
        : job.Resume == 0 && !options.Force ? StoredVectors.OfAsync(collection, job.File.Source, job.Before?.Chunks ?? 0, cancellationToken)
        : Task.FromResult(new StoredVectors());

    /// <summary>Names the text and the model, so that vectors of another model are never taken over.</summary>
    private string DigestOf(string text) =>
        Convert.ToBase64String(
            SHA256.HashData(Encoding.UTF8.GetBytes(options.Chunking.CountTokensName + "\0" + text)).AsSpan(0, DigestBytes)
        );

    private static TextChunk WellFormed(TextChunk chunk) =>
        chunk with
        {
            Text = WellFormed(chunk.Text),
            EmbeddedText = WellFormed(chunk.EmbeddedText),
            HeadingPath = [.. chunk.HeadingPath.Select(WellFormed)],
        };

    /// <summary>As it can be stored, and as people type it when they search.</summary>
    private static string WellFormed(string text) => TextComposition.Compose(Paired(text));

    /// <summary>Unpaired surrogates, which PDF character maps can give, become U+FFFD: they cannot be stored as UTF-8.</summary>
    private static string Paired(string text)
    {
        if (!IsBroken(text))
        {
            return text;
        }

        var builder = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            builder.Append(rune.ToString());
        }

        return builder.ToString();
    }

    private static bool IsBroken(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return true;
            }

            i++;
        }

        return false;
    }

    /// <summary>A title that is cut where it is stored stands in the text whole.</summary>
    private static SourceDocument WithLongTitle(SourceDocument document) =>
        document.Title.Length <= MaxTitleLength || document.Continues
            ? document
            : document with
            {
                Title = Short(document.Title),
                Sections = [new SourceSection([], null, document.Title), .. document.Sections],
            };

    /// <summary>The title is stored with every chunk; what is longer stands in the text.</summary>
    private static string Short(string title)
    {
        if (title.Length <= MaxTitleLength)
        {
            return title;
        }

        var end = title.LastIndexOf(' ', MaxTitleLength - 1);
        return title[..(end > 0 ? end : MaxTitleLength - 1)] + "…";
    }
}
