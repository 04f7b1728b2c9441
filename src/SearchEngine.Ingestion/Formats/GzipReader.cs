using System.IO.Compression;

namespace SearchEngine.Ingestion;

/// <summary>Reads a file packed by gzip by the reader of its kind, within limits.</summary>
internal sealed class GzipReader : IDocumentReader
{
    public string Name => "gzip";

    public int Version => 2;

    public IReadOnlyCollection<string> Extensions { get; } = [".gz"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        var contained = file.Contained ?? throw new SourceFormatException("What is in it cannot be read here.");
        byte[] content;
        try
        {
            using var stream = new GZipStream(file.OpenRead(), CompressionMode.Decompress);
            content = contained.Budget.ReadAll(stream);
        }
        catch (InvalidDataException e)
        {
            throw new SourceFormatException($"It is damaged or not packed by gzip: {e.Message}", e);
        }

        if (!contained.CanRead(file.Name, content))
        {
            throw new SourceFormatException($"There is no reader for what is in it, '{file.Name}'.");
        }

        // Its name without ".gz" says its kind.
        foreach (var document in contained.Read(file, file.Name, content, warn, cancellationToken))
        {
            yield return document with
            {
                Id = document.Id == file.Name ? null : document.Id,
            };
        }
    }
}
